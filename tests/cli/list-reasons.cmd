# exit 0
valuemap list reasons
