# exit 0
# Respondents without a label are left out of groups, counted, and keep their own positions.
. "$LIB"
printf 'm,c,Q164,Q182\na,x,3,4\na,,5,6\n,x,7,8\na,x,1,1\n' >a.csv
valuemap project a.csv --group m,c -o out -q
columns out/tables/groups.tsv m c n n_rows
grep -E 'group' out/tables/ledger.tsv
rows out/tables/respondents.tsv | wc -l
