# exit 0
# Conditions, recodes and weights: who counts, and what; the ledger tells who does not.
. "$LIB"
printf 'land,w,Q262,Q164,Q182\na,1,17,3,4\na,5,25,5,6\na,1,-1,7,8\na,1,40,1,1\nb,1,70,2,3\nb,1,33,-1,9\n' >a.csv
valuemap project a.csv --group land --where 'Q262 >= 18' -o out -q
columns out/tables/groups.tsv land n n_rows
grep -E 'where|rows' out/tables/ledger.tsv | cut -f 3-7
echo "-- bands"
valuemap project a.csv --recode 'age=Q262:<30,30-59,60+' --group age -q --no-comments | cut -f 1-3
echo "-- both conditions; a band in a condition"
valuemap project a.csv --recode 'age=Q262:<30,30-59,60+' --where 'age in ("<30", 30)' --group land -q >/dev/null || echo "refused"
valuemap project a.csv --recode 'age=Q262:young=<30,old=30+' --where 'age = young' --where 'land = a' --group land,age -q --no-comments | cut -f 1-4
echo "-- weights"
valuemap project a.csv --group land --weight w --weights equal-country --trim 1.5 >/dev/null
printf 'country,people\na,10\nb,30\n' >people.csv
valuemap project a.csv --group land --population people.csv 2>&1 >/dev/null | grep 'weights:'
grep -E '"(where|trim)"' out/run.json | cut -c 1-200
