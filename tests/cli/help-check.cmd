# exit 0
valuemap check --help
