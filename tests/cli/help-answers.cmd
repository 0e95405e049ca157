# exit 0
valuemap answers --help
