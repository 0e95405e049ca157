# exit 0
valuemap fit --help >a
valuemap help fit | cmp - a
valuemap fit -h | cmp - a
cat a
