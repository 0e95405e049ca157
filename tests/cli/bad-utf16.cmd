# exit 65
printf 'Q164,Q182\n1,2\n' | iconv -t UTF-16 >a.csv
valuemap project a.csv -o out
