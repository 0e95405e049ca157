# exit 65
printf 'w,Q164,Q182\n1,1,3\n-0.5,2,3\n' >a.csv
valuemap fit a.csv --weight w -o out
printf 'w,Q164,Q182\n1,1,3\n1e300,2,3\n' >a.csv
valuemap fit a.csv --weight w -o out
printf 'w,Q164,Q182\n1,1,3\n1e-200,2,3\n' >a.csv
valuemap fit a.csv --weight w -o out
