# exit 0
valuemap list formats --no-comments
