# exit 0
# Rows without a weight are left out and counted; weight 0 counts in n_rows alone.
. "$LIB"
printf 'c,w,Q164,Q182\na,1,3,4\na,,5,6\na,0,7,8\na,2,1,1\n' >a.csv
valuemap project a.csv --group c --weight w -o out -q
columns out/tables/groups.tsv c n n_rows
grep weight out/tables/ledger.tsv
valuemap project a.csv --group c -q --no-comments | cut -f 2,3
