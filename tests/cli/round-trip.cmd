# exit 0
# People projected through the space that was fitted on them stand where the fit put them.
. "$LIB"
valuemap fit ../sim/human.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA -o fit -q
valuemap project ../sim/human.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA --set human \
  --space fit/space.json -o project -q
near fit/tables/respondents.tsv project/tables/respondents.tsv 1e-12
rows fit/tables/respondents.tsv | wc -l
columns fit/tables/groups.tsv B_COUNTRY_ALPHA n n_rows n_complete
# The positions of the groups, too; the distance of each to itself is 0.
for table in fit project; do
  columns $table/tables/groups.tsv B_COUNTRY_ALPHA survself survself_se tradrat tradrat_se >$table.txt
done
cmp fit.txt project.txt
columns project/tables/target.tsv B_COUNTRY_ALPHA target distance rank of
