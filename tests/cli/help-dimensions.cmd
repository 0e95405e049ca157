# exit 0
valuemap dimensions --help >a
valuemap help dimensions | cmp - a
cat a
