# exit 0
. "$LIB"
data="$SOURCE/datasets/map-simulated/human.csv"
printf 'Q46,Q57\n1,2\n2,2\n3,2\n1,2\n' >constant.csv
try valuemap dimensions
try valuemap dimensions "$data" --model poisson
try valuemap dimensions "$data" --align oblique
try valuemap dimensions "$data" --factors 10 --quiet
try valuemap dimensions "$data" --factors 0
try valuemap dimensions "$data" --table nothing --quiet --sets 10 --bootstrap 2
try valuemap dimensions constant.csv --codebook iw-wvs7 --quiet
