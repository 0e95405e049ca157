# exit 65
printf 'w,Q164,Q182\n0,1,3\n0,2,3\n' >a.csv
valuemap fit a.csv --weight w -o out -q
