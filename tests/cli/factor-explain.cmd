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
# every sum of products gives what is printed, worked with the numbers as they are shown
check() {
  tr -d '()' | awk '
    / x / && / = / && !/\// {
      sum = 0; n = 0
      for (i = 2; i < NF; i++) {
        if ($i == "x") { sum += $(i - 1) * $(i + 1); n++ }
        if ($i == "=" && n) {
          steps++
          digits = length($(i + 1)) - index($(i + 1), ".")
          if (sum - $(i + 1) > .5 * 10 ^ -digits + 1e-9 || $(i + 1) - sum > .5 * 10 ^ -digits + 1e-9) print "not " sum ": " $0
          n = 0; sum = 0
        }
      }
    }
    END { print steps " steps" }'
}
valuemap factor --matrix "$SOURCE/datasets/factor-harman74/correlations.csv" -k 4 -x ml -q --explain | check
valuemap factor --matrix "$SOURCE/datasets/factor-thurstone/correlations.csv" --n 213 --sets 20 -k 3 -m oblimin -q --explain | check
set -- "$SOURCE/datasets/factor-bfi/bfi.csv" --codebook "$SOURCE/datasets/factor-bfi/codebook.yaml" --sets 5 --quiet --explain
valuemap factor "$@" --items 'A*,C*,E*,N*,O*' -k 5 -m geomin | check
valuemap factor "$@" --items 'A1,A2,A3' -k 1 --missing listwise | tee listwise | check
# R, over the 2736 rows without NA: colMeans() 2.4145, 4.7982; sqrt(colMeans(scale(x, scale = FALSE)^2)) 1.4049, 1.1733;
# cor() -.34173
grep -A 12 'answered all' listwise
valuemap factor "$@" --items 'A1,A2,A3' -k 1 -r polychoric | sed -n '/^They are/,/^2\./p'
valuemap factor "$@" --items 'A1,A2,A3' -k 1 --missing em | sed -n '/^What is missing/,/^2\./p'
# what cannot be is said, not printed
printf 'item,a,b,c,d\na,1,,,\nb,.8,1,,\nc,.8,.5,1,\nd,.2,.1,.1,1\n' >heywood.csv
valuemap factor --matrix heywood.csv --n 100 -k 1 --sets 10 -q --explain | grep -n -e CAUTION -e 'cannot be'
valuemap factor --matrix heywood.csv --n 100 -k 1 --sets 10 -q --table factor_determinacy --format tsv --no-comments
