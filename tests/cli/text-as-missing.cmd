# exit 0
# Counted when asked for.
. "$LIB"
printf 'model,Q8,Q14,Q15,Q17,Q45,Q46,Q57,Q164,Q182\na,1,1,2,2,1,2,1,many,3\na,1,1,2,2,1,2,1,4,3\n' >a.csv
valuemap project a.csv --group model --text missing -o out -q
grep unparsable out/tables/ledger.tsv
columns out/tables/groups.tsv model n n_rows
