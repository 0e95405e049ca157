# exit 0
valuemap --version | sed '1s/ [0-9].*//' >a
valuemap -V | sed '1s/ [0-9].*//' | cmp - a
cat a
