# exit 0
valuemap --help >a
valuemap -h | cmp - a
valuemap help | cmp - a
cat a
