# exit 65
printf 'model,Q164,Q182,Q164\na,1,2,3\n' >a.csv
valuemap project a.csv -o out
