# exit 0
valuemap convert --help
