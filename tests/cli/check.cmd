# exit 0
# What is odd about a file, table by table.
. "$LIB"
cat >a.csv <<'X'
land,person,w,Q164,Q182,Q184,Q46,Q999
a,1,1,3,4,5,1,x
a,2,2,11,4,5,1,x
a,2,1,-1,4,-2,1,y
b,3,4,7,8,0,1,y
b,4,0,9,1,1,1,z
X
valuemap check a.csv --codebook wvs7 --weight w --group land --key person -q --no-comments
for table in item_summary codes reasons out_of_range duplicates weighting columns; do
  echo "-- $table"
  valuemap check a.csv --codebook wvs7 --weight w --group land --key person -q --no-comments --table $table
done
echo "-- batteries and what a group was not asked"
awk 'BEGIN { print "land,Q177,Q178,Q179,Q180,Q181,Q46"
  for (i = 0; i < 80; i++) printf "%s,%d,%d,%d,%d,%d,%s\n", i < 40 ? "a" : "b", 1 + i % 3, i % 4 ? 1 + i % 3 : 5, 1 + i % 3, 1 + i % 3, 1 + i % 3, i < 40 ? 2 : -4 }' >b.csv
valuemap check b.csv -c wvs7 -g land -q --no-comments --table batteries
valuemap check b.csv -c wvs7 -g land -q --no-comments --table not_asked
echo "-- strict"
valuemap check a.csv --codebook wvs7 -q --strict >/dev/null
echo "[$?]"
printf 'Q164,Q182\n3,4\n5,6\n' >good.csv
valuemap check good.csv --strict -q >/dev/null
echo "[$?]"
echo "-- a folder"
valuemap check a.csv --codebook wvs7 -o out -q
ls out out/tables
echo "-- groups are combinations of the grouping columns"
awk 'BEGIN { print "land,year,Q177,Q178,Q46"
  for (i = 0; i < 120; i++) printf "%s,%d,%d,%d,%s\n", i < 60 ? "a" : "b", 2000 + i % 2, 1 + i % 3, 1 + i % 4, i < 60 && i % 2 ? -4 : 2 }' >c.csv
valuemap check c.csv -c wvs7 -g land,year -q --no-comments --table not_asked
valuemap check c.csv -c wvs7 -g land,year -q --no-comments --table weighting | cut -f 1-2
echo "-- standard input, once"
cat a.csv | valuemap check - --codebook wvs7 -q --no-comments --table out_of_range
valuemap check - --codebook wvs7 -q --no-comments --table out_of_range <a.csv | cut -f 1-4
echo "-- labels of the file against the codebook"
cat >book.yaml <<'X'
version: 1
name: book
title: Book
items:
  - {name: Q2, label: Trust, valid: 1..4, labels: [{code: 1, label: Agree strongly}, {code: 2, label: Agree}, {code: 3, label: Disagree}, {code: 4, label: Disagree strongly}]}
  - {name: Q3, label: Five, valid: 1..5}
X
cat >turned.yaml <<'X'
version: 1
name: turned
title: Turned round
items:
  - {name: Q2, label: Trust, valid: 1..4, labels: [{code: 1, label: Disagree strongly}, {code: 2, label: Disagree}, {code: 3, label: Agree}, {code: 4, label: Agree strongly}]}
  - {name: Q3, label: Five, valid: 1..5, labels: [{code: 5, label: No answer}]}
X
printf 'Q2,Q3\n1,5\n2,4\n' >c.csv
valuemap convert c.csv --codebook ./turned.yaml -o turned.sav -q
valuemap check turned.sav --codebook ./turned.yaml -q --no-comments
valuemap check turned.sav --codebook ./book.yaml -q --no-comments
