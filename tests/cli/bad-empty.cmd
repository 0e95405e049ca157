# exit 65
: >a.csv
valuemap project a.csv -o out
