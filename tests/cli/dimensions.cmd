# exit 0
. "$LIB"
data="$SOURCE/datasets/map-simulated/human.csv"
set -- "$data" --codebook iw-wvs7 --weight W_WEIGHT --group B_COUNTRY_ALPHA --sets 100 --bootstrap 100 --format text
try valuemap dimensions "$@"
for table in factor_eigenvalues scales stability icc factor_levels shared; do
  try valuemap dimensions "$@" --quiet --permutations 99 --table $table
done
