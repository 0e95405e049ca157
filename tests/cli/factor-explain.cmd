# exit 0
# The score that is worked by hand is the first one of factor_scores.
. "$LIB"
try valuemap factor --matrix "$SOURCE/datasets/factor-harman74/correlations.csv" --n 145 -k 4 -x ml --sets 20 --quiet --explain
set -- "$SOURCE/datasets/factor-bfi/bfi.csv" --codebook "$SOURCE/datasets/factor-bfi/codebook.yaml" --items 'A*,N*' \
  -k 2 -m oblimin --sets 20 --quiet
try valuemap factor "$@" --explain
valuemap factor "$@" --table factor_scores --format csv | sed -n '2p' | cut -d, -f 2,3
valuemap factor "$@" -m promax --explain | sed -n '/^5\./,/^6\./p' | head -n 14
valuemap factor "$@" -k 1 --explain | sed -n '/^5\./,/^6\./p'
# nothing in common
awk 'BEGIN { srand(4); print "a,b,c,d"; for (i = 0; i < 400; i++) print int(5 * rand()) "," int(5 * rand()) "," int(5 * rand()) "," int(5 * rand()) }' >noise.csv
valuemap factor noise.csv --items a,b,c,d --sets 200 --quiet --explain | tail -n 12
