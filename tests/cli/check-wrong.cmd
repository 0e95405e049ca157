# exit 0
. "$LIB"
printf 'x,y\n1,2\n' >a.csv
printf 'Q164,Q182\n3,4\n' >b.csv
check() { try valuemap check "$@" -q 2>&1; }
check a.csv
check none.csv
check b.csv --codebook nobody
check b.csv --table numbers
check b.csv --key person
check b.csv --group land
check - - <b.csv
check
