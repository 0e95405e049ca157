# exit 0
# Items in columns of other names: the same scores.
. "$LIB"
printf 'model,nation' >head
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36; do
  printf ',MFQ2_%s' $i
done >>head
awk 'BEGIN { for (r = 1; r <= 12; r++) { printf "%s,%s", r % 2 ? "a" : "b", r % 3 ? "Egypt" : "Peru"
  for (i = 1; i <= 36; i++) printf ",%d", 1 + (r * i + i * i) % 5; print "" } }' >rows
{ cat head; echo; cat rows; } >key.csv
{ sed 's/MFQ2_/q/g' head; echo; cat rows; } >own.csv
set -- --group model,nation --table profiles --format tsv --no-comments --quiet
valuemap morality key.csv "$@" >one
valuemap morality own.csv --columns 'q*' "$@" >two
cmp one two && head -3 two | cut -f 1-6
try valuemap morality own.csv "$@"
try valuemap morality own.csv --columns q "$@"
try valuemap morality own.csv --columns 'x*' "$@"
