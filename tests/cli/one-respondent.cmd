# exit 0
# A group of one has a position and no error, and the program says so.
. "$LIB"
printf 'c,Q164,Q182\nalone,3,4\nmore,5,6\nmore,7,8\n' >a.csv
valuemap project a.csv --group c -o out
columns out/tables/groups.tsv c n n_eff survself_se tradrat_se survself_boot_se
