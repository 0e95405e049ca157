# exit 0
# Counted, never clamped: the positions are those of the file without the answer.
. "$LIB"
printf 'model,Q8,Q14,Q15,Q17,Q45,Q46,Q57,Q164,Q182\na,1,1,2,2,1,2,1,11,3\na,1,1,2,2,1,2,1,5,3\nb,1,1,2,2,1,2,1,0,3\n' >a.csv
printf 'model,Q8,Q14,Q15,Q17,Q45,Q46,Q57,Q164,Q182\na,1,1,2,2,1,2,1,,3\na,1,1,2,2,1,2,1,5,3\nb,1,1,2,2,1,2,1,,3\n' >b.csv
valuemap project a.csv --group model -o out
grep out-of-range out/tables/ledger.tsv
valuemap project b.csv --group model -o without -q
rows out/tables/groups.tsv >a.txt
rows without/tables/groups.tsv | cmp - a.txt && echo same
