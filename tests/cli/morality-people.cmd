# exit 0
# Sheets of people as the comparison: weights, another order of the items, other codes; the numbers are those of R.
. "$LIB"
D=$SOURCE/tests/data
R=$SOURCE/tests/reference/morality_people.tsv
valuemap morality "$D/morality-models.csv" --group model,nation --human "$D/morality-people.csv" --human-nation land \
  --human-weight weight --human-key mfq2-blocked -o out
ls out/tables | tr '\n' ' '
echo
against out/tables/errors.tsv "$R" errors
against out/tables/calibration.tsv "$R" calibration
against out/tables/profile_agreement.tsv "$R" profile_agreement
against out/tables/disattenuation.tsv "$R" disattenuation
awk -F '\t' '!/Foxtrot/' out/tables/human_reliability.tsv >five.tsv
against five.tsv "$R" human_reliability
columns out/tables/human_profiles.tsv land scale n | grep -E 'care|Foxtrot'
# means of people, made from the same numbers, give the same errors without those of people
rows out/tables/human_profiles.tsv | awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i
    print "nation,care,equality,proportionality,loyalty,authority,purity"; next }
  $(at["land"]) != "Foxtrot" && $(at["scale"]) != "individualising" { line[$(at["land"])] = line[$(at["land"])] "," $(at["mean"]) }
  END { for (l in line) print l line[l] }' | sort -f >sorted.csv
(grep nation sorted.csv; grep -v nation sorted.csv) >means.csv
valuemap morality "$D/morality-models.csv" --group model,nation --human means.csv -q -o means
for f in out means; do
  columns $f/tables/errors.tsv scale error | grep -v individualising >$f.errors
done
cmp out.errors means.errors && echo the same errors
columns means/tables/errors.tsv model nation scale n human_n se d | sed -n '1,3p'
# the file is read in another way: conditions, another delimiter and decimal mark, more codes of missing answers
people() { valuemap morality "$D/morality-models.csv" --group model,nation --human "$@" --human-nation land -q --no-comments \
  --table human_sheets --format tsv | cut -f 1-6,10-12; }
people "$D/morality-people.csv" --human-where 'weight > 1' --human-recode 'heavy=weight:0-1.5,1.6+' --human-where "heavy = '1.6+'" | head -3
sed 's/,/;/g; s/;3;3;/;9;99;/; s/^\([A-Za-z]*;[0-9]*\)\.\([0-9]*\)/\1,\2/' "$D/morality-people.csv" >other.csv
people other.csv --human-read delimiter=';' --human-read decimal=, --human-read missing=9,99 | head -3
people other.csv | head -3
for bad in missing=a bla=1 skip=1.5 layout=tall text= ; do
  try valuemap morality "$D/morality-models.csv" --group model,nation --human other.csv --human-nation land -q --human-read "$bad"
done
try valuemap morality "$D/morality-models.csv" --group model,nation --human means.csv --human-where 'weight > 1' -q
try valuemap morality "$D/morality-models.csv" --group model,nation --human-read skip=1 -q
# bad input
try valuemap morality "$D/morality-models.csv" --group model,nation --human "$D/morality-people.csv" -q
try valuemap morality "$D/morality-models.csv" --group model,nation --human "$D/morality-people.csv" --human-nation country -q
try valuemap morality "$D/morality-models.csv" --group model,nation --human "$D/morality-people.csv" --human-nation land \
  --human-weight w -q
try valuemap morality "$D/morality-models.csv" --group model,nation --human "$D/morality-people.csv" --human-nation land \
  --human-key mfq30 -q
try valuemap morality "$D/morality-models.csv" --group model,nation --human "$D/morality-people.csv" --human-nation land \
  --human-scale 1..6 -q
try valuemap morality "$D/morality-models.csv" --group model,nation --human means.csv --human-weight weight -q
try valuemap morality "$D/morality-models.csv" --group model,nation --human-nation land -q
(cat means.csv; grep Alfa means.csv) >twice.csv
try valuemap morality "$D/morality-models.csv" --group model,nation --human twice.csv -q
sed 's/Alfa/A/;s/Bravo/B/;s/Charlie/C/;s/Delta/D/;s/Echo/E/;s/Foxtrot/F/' "$D/morality-people.csv" >others.csv
try valuemap morality "$D/morality-models.csv" --group model,nation --human others.csv --human-nation land -q
exit 0
