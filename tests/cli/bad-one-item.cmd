# exit 65
printf 'model,Q164,Q998\na,1,2\n' >a.csv
valuemap project a.csv -o out
