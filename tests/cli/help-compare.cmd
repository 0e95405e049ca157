# exit 0
valuemap compare --help >a
valuemap help compare | cmp - a
cat a
