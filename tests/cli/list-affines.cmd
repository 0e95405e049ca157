# exit 0
valuemap list affines
