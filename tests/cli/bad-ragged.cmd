# exit 65
printf 'model,Q164,Q182\na,1,2\nb,1\n' >a.csv
valuemap project a.csv -o out
