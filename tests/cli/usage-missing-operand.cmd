# exit 64
valuemap project -o out
