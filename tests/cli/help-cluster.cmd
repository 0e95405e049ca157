# exit 0
valuemap cluster --help >a
valuemap help cluster | cmp - a
cat a
