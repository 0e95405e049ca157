# exit 0
# A space fitted by country-year has each country once, in its latest year, and personas find it.
. "$LIB"
awk -F , 'NR == 1 { print $0 ",S025"; next } { print $0 "," 10000 * $2 + (NR % 2 ? 2012 : 2022) }' \
  ../sim/human.csv >human.csv
valuemap fit human.csv --weight W_WEIGHT --group S025 -o fit -q
columns fit/tables/groups.tsv S025 n
columns fit/tables/reference.tsv country name year
valuemap project ../sim/persona.csv --space fit/space.json --group model,B_COUNTRY_ALPHA -o out -q
columns out/tables/target.tsv B_COUNTRY_ALPHA of target_name | sort -u
