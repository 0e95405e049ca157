# exit 0
valuemap project --help >a
valuemap help project | cmp - a
valuemap project -h | cmp - a
cat a
