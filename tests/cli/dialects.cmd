# exit 0
# The same answers in four spellings, one of them with decimal commas, a byte order mark and CRLF.
. "$LIB"
cut -d , -f 3-20 ../sim/human.csv >plain.csv
sed 's/,/;/g' plain.csv | awk -F ';' 'BEGIN { OFS = ";"; printf "\357\273\277" }
  NR > 1 { sub("[.]", ",", $4) } { printf "%s\r\n", $0 }' >semicolon.csv
tr , '\t' <plain.csv >tab.csv
sed 's/,/"|"/g; s/^/"/; s/$/"/' plain.csv >quoted.csv
head -n 2 semicolon.csv
for name in plain semicolon tab quoted; do
  valuemap fit $name.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA -o $name 2>&1 | grep delimiter
  rows plain/tables/groups.tsv >plain.txt
  rows $name/tables/groups.tsv | cmp - plain.txt && echo same
done
