# exit 74
valuemap project . -o out
