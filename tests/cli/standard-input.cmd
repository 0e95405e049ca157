# exit 0
# A file, standard input and a pipe give the same table; a pipe has no hash.
. "$LIB"
valuemap project ../sim/persona.csv --group model -q >a.tsv
valuemap project - --group model -q <../sim/persona.csv >b.tsv
cat ../sim/persona.csv | valuemap project - --group model -q >c.tsv
mkfifo pipe
cat ../sim/persona.csv >pipe &
valuemap project pipe --group model -o out -q
for file in b.tsv c.tsv out/tables/groups.tsv; do
  rows a.tsv >a.txt
  rows $file | cmp - a.txt && echo same
done
grep -A 1 '"inputs"' out/run.json
valuemap project - -o two -q <../sim/persona.csv
grep -A 1 '"inputs"' two/run.json
