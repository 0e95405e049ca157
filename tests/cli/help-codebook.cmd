# exit 0
valuemap codebook --help
