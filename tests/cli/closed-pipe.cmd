# exit 0
valuemap list positions | head -n 1
