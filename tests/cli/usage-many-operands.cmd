# exit 64
valuemap list spaces formats
