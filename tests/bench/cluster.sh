#!/bin/sh
# Speed of the methods of clustering beside R and scikit-learn (scipy), on the same points.
#   cluster.sh SOURCE-FOLDER    run in the build folder by `make bench`
# 100,000 points x 10 around four centres, of which ten clusters are asked; k-means with 50 starts; medoids on 10,000
# (ours from BUILD and from one random start; R from a random start, whose cost is that of ours here: from BUILD it takes
# twice as long and ends .04 % higher); Ward's tree on 5,000; exact transport of 2,000 masses to 2,000.
set -eu
source=$1
mkdir -p bench-data
points=bench-data/points.csv
OPENBLAS_NUM_THREADS=1
export OPENBLAS_NUM_THREADS
test -f $points || awk 'BEGIN {
  srand(7)
  for (i = 0; i < 100000; i++) {
    c = int(10 * rand()); line = ""
    for (a = 0; a < 10; a++) {
      z = sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand()) + 1.5 * ((c * (a + 1)) % 4)
      line = line (a ? "," : "") sprintf("%.6f", z)
    }
    print line
  }
}' >$points
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (a && b) printf "%.2f", a / b; else printf "-" }'; }
seconds() { awk '{ print $2; exit }'; }
value() { awk '{ print $3; exit }'; }
for what in kmeans pam ward transport; do
  for threads in 1 "$(getconf _NPROCESSORS_ONLN)"; do
    ours=$(tests/bench/cluster $points "$threads" $what)
    echo "$what, $threads thread(s): valuemap $(echo "$ours" | seconds) s, value $(echo "$ours" | value)"
  done
  r=$(Rscript "$source/tests/bench/cluster.R" $points $what 2>/dev/null || true)
  test -z "$r" || echo "  R $(echo "$r" | seconds) s, value $(echo "$r" | value); R / valuemap = $(ratio "$(echo "$r" | seconds)" "$(echo "$ours" | seconds)")"
  for python in /usr/bin/python3 python3; do
    p=$($python "$source/tests/bench/cluster.py" $points $what 2>/dev/null || true)
    test -z "$p" && continue
    echo "  scikit-learn or scipy $(echo "$p" | seconds) s, value $(echo "$p" | value); theirs / valuemap = $(ratio "$(echo "$p" | seconds)" "$(echo "$ours" | seconds)")"
    break
  done
done
