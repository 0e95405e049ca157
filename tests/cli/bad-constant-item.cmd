# exit 65
printf 'c,Q164,Q182,Q184\nx,1,3,4\nx,1,3,5\ny,1,4,2\n' >a.csv
valuemap fit a.csv -o out
