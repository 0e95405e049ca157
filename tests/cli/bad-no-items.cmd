# exit 65
printf 'model,Q998,Q999\na,1,2\n' >a.csv
valuemap fit a.csv -o out
