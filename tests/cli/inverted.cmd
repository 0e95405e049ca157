# exit 0
# The inverted variant of the survey gives the same positions as the standard one.
. "$LIB"
valuemap simulate --countries 4 --respondents 150 --personas 40 --seed 3 --inverted -q -o inverted
head -n 1 inverted/human.csv
valuemap run ../sim/study.yaml -o a -q
valuemap run inverted/study.yaml -o b -q
for table in groups target shrinkage correlation; do
  near a/tables/$table.tsv b/tables/$table.tsv 1e-9
done
columns a/tables/items.tsv set columns | sort -u >a.txt
columns b/tables/items.tsv set columns | sort -u | diff a.txt - | grep -c '^>'
