# exit 65
printf 'model,Q164,Q182\n' >a.csv
valuemap project a.csv -o out
