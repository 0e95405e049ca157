# exit 0
valuemap list countries --format csv
