# exit 0
valuemap run --help >a
valuemap help run | cmp - a
valuemap run -h | cmp - a
cat a
