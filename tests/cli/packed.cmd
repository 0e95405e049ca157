# exit 0
# The same file plain, packed, from standard input and as a member of an archive gives the same table.
. "$LIB"
sed -n 1,200p ../sim/human.csv >a.csv
head -1 a.csv >b.csv
gzip -nk a.csv && tar -cf a.tar b.csv a.csv
project() { valuemap project "$@" --quiet --no-comments --group B_COUNTRY_ALPHA; }
project a.csv >plain.tsv
project a.csv.gz >packed.tsv
project - <a.csv.gz >input.tsv
project a.tar:a.csv >member.tsv
cmp plain.tsv packed.tsv && cmp plain.tsv input.tsv && cmp plain.tsv member.tsv && echo the same
valuemap project a.csv.gz --group B_COUNTRY_ALPHA 2>notes >/dev/null
sed 1q notes
try valuemap project a.tar --group B_COUNTRY_ALPHA 2>&1
try valuemap project a.tar:c.csv --group B_COUNTRY_ALPHA 2>&1
head -c 500 a.csv.gz >cut.csv.gz
try valuemap project cut.csv.gz --group B_COUNTRY_ALPHA 2>&1
