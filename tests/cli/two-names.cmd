# exit 0
# An item that stands in the file under two names.
printf 'Q164,Q164P,Q182\n3,8,4\n' >a.csv
valuemap project a.csv 2>notes >/dev/null
grep 'two names' notes
