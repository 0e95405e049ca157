# exit 0
# Tables as a paper or another program has them: bold or blank loadings, no column of empty remarks, item names that TeX would obey.
. "$LIB"
awk 'BEGIN {
  srand(3); print "A&B;care_%young;#3;x^2;rest;plain;w"
  for (i = 0; i < 300; i++) {
    f = int(3 * rand()); g = int(3 * rand()); line = ""
    for (j = 0; j < 6; j++) line = line (j < 3 ? f : g) + int(3 * rand()) ";"
    print line (1 + i % 2)
  }
}' >odd.csv
set -- odd.csv --items 'A*,care*,#3,x*,rest,plain' --weight w -k 2 --sets 5 --quiet --no-comments
for format in md latex html; do
  valuemap factor "$@" --format $format | sed 's/[0-9]*\.[0-9]*/N/g'
done
valuemap factor "$@" --format md --blank .3 | sed 's/[0-9]*\.[0-9]*/N/g' | tail -n 5
h="$SOURCE/datasets/factor-harman74/correlations.csv"
set -- --matrix "$h" --n 145 -k 4 -x paf --sets 5 --quiet --format text
for table in factor_total_variance factor_residuals factor_communalities; do
  valuemap factor "$@" --table $table | head -n 8
done
valuemap factor "$@" -m oblimin --table factor_total_variance | head -n 8
valuemap factor "$@" -x pc --table factor_communalities | head -n 4
valuemap factor --matrix "$h" --n 145 -k 4 --sets 5 --quiet --format latex --table factor_pairs | grep -c -e longtable -e endhead
valuemap factor "$@" --table factor_fit --format md | sed -n '5,10p'
