# exit 0
# Kish's number of the respondents behind each correlation, beside the same by hand from the file.
. "$LIB"
printf 'w,Q164,Q182,Q184\n1,1,2,3\n2,4,5,4\n3,-1,8,7\n0,3,3,3\n4,9,9,-2\n1.5,2,1,1\n2.5,7,4,6\n1,5,8,9\n' >a.csv
valuemap fit a.csv --codebook wvs7 --weight w -q -o pairwise
valuemap fit a.csv --codebook wvs7 --weight w --missing listwise -q -o listwise
by_hand() { # column column [column]
  awk -F, -v a="$1" -v b="$2" -v c="${3:-$2}" 'NR > 1 && $1 > 0 && $a > 0 && $b > 0 && $c > 0 { n++; s += $1; q += $1 * $1 } END { printf "by hand\t\t%d\t%.6g\n", n, s * s / q }' a.csv
}
for way in pairwise listwise; do
  echo "-- $way"
  columns $way/tables/correlation.tsv item_1 item_2 n n_eff | head -n 4
done
by_hand 2 2
by_hand 2 3
by_hand 2 4
by_hand 2 3 4
