# exit 0
valuemap list spaces --format md
