# exit 0
# Countries and models beside all people. Simulated personas have the factors of people but for noise.
. "$LIB"
set -- ../sim/human.csv --codebook iw-wvs7 --weight W_WEIGHT -k 2 -x pc --sets 10 --permutations 99 --by B_COUNTRY_ALPHA \
  --against ../sim/persona.csv --against-by model --format text
try valuemap factor "$@" --table group_congruence --replicates 50
for table in stability icc factor_levels shared; do
  try valuemap factor "$@" --quiet --table $table
done
valuemap factor "$@" --quiet --table group_items | head -n 6
valuemap factor "$@" --quiet --table level_pairs | head -n 6
# dimensions asks the same of the same components
valuemap dimensions ../sim/human.csv --codebook iw-wvs7 --weight W_WEIGHT --factors 2 --group B_COUNTRY_ALPHA --sets 10 \
  --bootstrap 2 --permutations 99 --format tsv --quiet --table factor_levels >one
valuemap factor ../sim/human.csv --codebook iw-wvs7 --weight W_WEIGHT -k 2 -x pc --by B_COUNTRY_ALPHA --sets 10 \
  --permutations 99 --format tsv --quiet --table factor_levels >two
near one two 1e-6
