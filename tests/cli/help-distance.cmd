# exit 0
valuemap distance --help >a
valuemap help distance | cmp - a
valuemap distance -h | cmp - a
cat a
