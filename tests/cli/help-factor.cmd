# exit 0
valuemap factor --help >a
valuemap help factor | cmp - a
cat a
