# exit 0
# A file that lacks an item: it is left out of the space, and people stand where the fit put them.
. "$LIB"
cut -d , -f 1-10,12-21 ../sim/human.csv >nine.csv
valuemap fit nine.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA -o fit
columns fit/tables/loadings.tsv item columns
valuemap project nine.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA --set human \
  --space fit/space.json -o project -q
near fit/tables/respondents.tsv project/tables/respondents.tsv 1e-12
# The tenth question of other people is of no use to this space.
valuemap project ../sim/human.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA --set human \
  --space fit/space.json -o ten -q
sed 's/human.csv/nine.csv/' ten/tables/respondents.tsv >ten.tsv
near fit/tables/respondents.tsv ten.tsv 1e-12
