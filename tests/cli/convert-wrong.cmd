# exit 0
. "$LIB"
printf 'Q164,Q182,x\n3,4,1\n' >a.csv
convert() { try valuemap convert "$@" -q 2>&1; }
convert a.csv --to xlsx
convert a.csv --to sav
convert a.csv -o out.xlsx
convert a.csv -o noending
convert a.csv -o a.csv
convert a.csv -o nowhere/b.csv
convert a.csv --keep y
convert a.csv --keep Q164 --codebook wvs7
convert none.csv -o b.csv
ls
