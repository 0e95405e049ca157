# exit 66
valuemap project no/such.csv -o out
