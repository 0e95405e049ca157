# exit 0
valuemap list --help >a
valuemap help list | cmp - a
valuemap list -h | cmp - a
cat a
