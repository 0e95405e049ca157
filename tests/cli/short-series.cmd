# exit 0
# Two countries are too few to compare spreads: the table says so instead of being empty.
. "$LIB"
printf 'm,c,Q164,Q182\na,SWE,3,4\na,JPN,5,6\nb,SWE,1,2\nb,JPN,2,2\nb,USA,3,3\n' >a.csv
valuemap project a.csv --group m,c -o out -q
grep 'left out' out/tables/shrinkage.tsv
columns out/tables/shrinkage.tsv m axis groups
