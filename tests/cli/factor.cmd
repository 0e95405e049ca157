# exit 0
# Harman's 24 tests: factanal's chi-square 226.68, df 186; answers with a codebook; a rotation to a target.
. "$LIB"
r="$SOURCE/datasets/factor-harman74/correlations.csv"
set -- --matrix "$r" --n 145 -k 4 -x ml --sets 50 --format text
try valuemap factor "$@"
for table in factor_fit factor_suitability retention factor_variance factor_run scales; do
  try valuemap factor "$@" --quiet --table $table
done
set -- "$SOURCE/datasets/factor-bfi/bfi.csv" --codebook "$SOURCE/datasets/factor-bfi/codebook.yaml" --items 'A*,N*' \
  -k 2 -m oblimin --sets 20 --format text
try valuemap factor "$@"
for table in factor_phi factor_screening factor_omega factor_determinacy; do
  try valuemap factor "$@" --quiet --table $table
done
valuemap factor "$@" --quiet --table factor_scores | head -n 8
valuemap factor "$@" --quiet --table factor_pairs -r polychoric -x dwls | head -n 6
valuemap factor "$@" --quiet --missing em --sort natural | head -n 6
printf 'item,one,two\nA1,,0\nA2,.6,0\nA3,.6,0\nA4,.6,0\nA5,.6,0\nN1,0,.7\nN2,0,.7\nN3,0,.7\nN4,,.7\nN5,0,\n' >target.csv
valuemap factor "$@" --quiet -m target --target target.csv | head -n 6
try valuemap factor "$@" --quiet --replicates 50 --strata gender --table factor_intervals
valuemap factor "$@" --quiet --replicates 50 --seed 5 --threads 1 --table factor_loading_intervals >one
valuemap factor "$@" --quiet --replicates 50 --seed 5 --threads 3 --table factor_loading_intervals >three
cmp one three && head -n 5 one
# several methods of scores are those of one method each, with one key
valuemap factor "$@" --quiet --scores bartlett,anderson-rubin --format tsv --no-comments --table factor_scores >both
head -n 1 both
for method in bartlett anderson-rubin; do
  valuemap factor "$@" --quiet --scores $method --format tsv --no-comments --table factor_scores | cut -f 1-4 | sed 1d >one
  cut -f $([ $method = bartlett ] && echo 1-4 || echo 1,2,5,6) both | sed 1d | cmp - one && echo "$method the same"
done
valuemap factor "$@" --quiet --scores regression,bartlett -x pc --table factor_weights | tail -n 5
try valuemap factor "$@" --quiet --scores unit,unit
