# exit 0
# Answers that are counted while they are read and answers that are kept give the same tables, digit by digit: wide CSV, JSON Lines,
# SPSS, long CSV; weights, missing answers for several reasons, items that the two sides code in different ways, averages between
# two points, several rows of labels in a group. They are kept because of --persona; every persona has one row, so that
# nothing else changes.
. "$LIB"
awk 'BEGIN {
  print "country,sex,model,w,id,Q8,Q14,Q15,Q17,Q45,Q46,Q164"
  for (i = 1; i <= 1500; i++) {
    x = (x * 16807 + 11) % 2147483647; y = int(x / 1000)
    code = y % 3 == 0 ? 2 : 1
    printf "%s,%s,%s,%.7g,%d,%s,%s,%s,%s,%s,%s,%s\n", y % 2 ? "SWE" : "JPN", y % 5 < 2 ? "f" : "m", y % 7 < 3 ? "m1" : "m2", .1 + y % 1013 / 7, i,
      y % 11 ? code : -1, y % 13 ? code : -2, y % 29 ? 3 - code : -1, y % 31 ? 1 + y % 2 : -2, y % 17 ? 1 + y % 3 : -5, y % 19 ? 1 + y % 4 : i % 4 ? "" : 2.5, y % 23 ? 1 + y % 10 : -4
  }
}' >people.csv
sed 's/,-1,/,NA,/' people.csv | awk -F, -v OFS=, 'NR > 1 { $11 = $11 == 2 ? 3 : $11; for (j = 6; j < 10; j++) $j = $j == 2 ? 0 : $j } 1' >wide.csv
awk -F, -v OFS=, 'NR == 1 { print "country,sex,model,w,id,item,answer"; for (j = 6; j <= NF; j++) item[j] = $j; next }
  { for (j = 6; j <= NF; j++) print $1, $2, $3, $4, $5, item[j], $j }' wide.csv >long.csv
awk -F, 'NR == 1 { for (j = 1; j <= NF; j++) name[j] = $j; next }
  { printf "{"; for (j = 1; j <= NF; j++) printf("%s\"%s\": %s", j > 1 ? ", " : "", name[j],
      j <= 3 || $j == "NA" ? "\"" $j "\"" : name[j] == "id" ? $j + 1500 : $j == "" ? "null" : $j); print "}" }' wide.csv >rows.jsonl
count() {
  valuemap compare people.csv "$@" --codebook iw-wvs7 --weight w --by country,sex --persona-weight w --replicates 19 \
    --metrics w1,js_distance,cramers_v,hedges_g -q --format tsv --no-comments
}
try() { # title, arguments
  echo "== $1"
  shift
  for table in distances noise scores refusals; do
    count "$@" --table $table >counted.tsv
    count "$@" --table $table --persona id >kept.tsv
    cmp counted.tsv kept.tsv && echo "$table: $(wc -l <kept.tsv) lines"
  done
}
valuemap convert wide.csv --codebook iw-wvs7 --keep country,sex,model,w,id -q --output rows.sav
try 'wide CSV' wide.csv
try 'JSON Lines' rows.jsonl
try 'SPSS' rows.sav
try 'long CSV' long.csv --key id
try 'two files, composed as the personas' wide.csv rows.jsonl --composition personas
count wide.csv --table compared_items
count wide.csv --levels all --table refusals
