# exit 64
valuemap
