# exit 0
valuemap simulate --help >a
valuemap help simulate | cmp - a
valuemap simulate -h | cmp - a
cat a
