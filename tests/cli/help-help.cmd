# exit 0
valuemap help --help >a
valuemap help help | cmp - a
valuemap help -h | cmp - a
cat a
