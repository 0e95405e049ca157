# exit 0
# One table in every format and layout; what is read back is the same.
. "$LIB"
cat >a.csv <<'X'
land,person,w,Q164,Q182,Q57P,Q8P
"a, b",1,1,3,4,2,1
"c ""d""",2,2.5,11,-1,1,0
e,3,1,,7,-2,1
X
valuemap convert a.csv --codebook wvs7 --group land --keep person --weight w -q
echo "-- tsv"
valuemap convert a.csv --codebook wvs7 --group land --keep person -q --to tsv --no-why
echo "-- jsonl"
valuemap convert a.csv --codebook wvs7 --group land -q --to jsonl
echo "-- long"
valuemap convert a.csv --codebook wvs7 --keep person -q --long --where 'person < 3'
echo "-- read back"
for ending in csv tsv jsonl sav; do
  valuemap convert a.csv --codebook wvs7 --group land --keep person --no-why -q -o back.$ending
  valuemap convert back.$ending --codebook wvs7 --group land --keep person --no-why -q --to csv >again.csv
  cmp again.csv back.csv && echo "$ending: the same"
done
echo "-- reasons come back from SPSS as from the first file"
valuemap convert a.csv --codebook wvs7 --keep person -q -o whole.sav
valuemap check whole.sav --codebook wvs7 -q --no-comments --table reasons
valuemap check a.csv --codebook wvs7 -q --no-comments --table reasons
valuemap convert a.csv --codebook wvs7 --keep person -q -o whole2.sav
cmp whole.sav whole2.sav && echo "the same bytes"
ls
echo "-- a long SPSS file has labels when the items share them"
printf 'person,Q1,Q2,Q164\n1,1,4,10\n2,2,-1,3\n' >long.csv
printf 'version: 1\nname: two\ntitle: T\nscales: [{name: s, valid: 1..4, labels: [{code: 1, label: Very}, {code: 4, label: Not at all}]}]\nmissing: [{codes: "-1", reason: dont-know}]\nitems:\n- {name: Q1, label: One, like: s, columns: [{name: Q1}]}\n- {name: Q2, label: Two, like: s, columns: [{name: Q2}]}\n' >two.yaml
valuemap convert long.csv -c ./two.yaml --key person --long -o long.sav -q
valuemap codebook long.sav --layout wide | sed -n '/name: value/,/columns/p'
valuemap convert long.csv -c wvs7 --key person --long -o mixed.sav -q
valuemap codebook mixed.sav --layout wide | sed -n '/name: value/,/columns/p'
echo "-- what was written reads back the same, reasons and numbers included"
printf 'person,zip,w,Q164,Q182\n1,007,2.5,-1,3\n2,008,1,99,-2\n3,009,.5,7,\n' >d.csv
valuemap convert d.csv -c wvs7 --keep person,zip,w -q >once.csv
cat once.csv
for to in csv tsv jsonl sav; do
  valuemap convert d.csv -c wvs7 --keep person,zip,w -o "e.$to" -q
  valuemap convert "e.$to" -c wvs7 --keep person,zip,w -q | sed 's/,0\.5,/,.5,/' | cmp - once.csv && echo "$to: the same"
done
cat e.jsonl
