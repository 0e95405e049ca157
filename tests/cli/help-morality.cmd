# exit 0
valuemap morality --help >a
valuemap help morality | cmp - a
cat a
