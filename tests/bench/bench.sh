#!/bin/sh
# Speed of `valuemap fit` beside R on the same machine and file, as ratios of medians of five runs.
#   bench.sh SOURCE-FOLDER    run in the build folder by `make bench`
# The file has the size of the World Values Survey's wave 7: 97,020 rows x 600 columns, simulated.
set -eu
source=$1
work=bench-data
OPENBLAS_NUM_THREADS=1
VALUEMAP_DATA=$source
export OPENBLAS_NUM_THREADS VALUEMAP_DATA

if [ ! -f $work/human.csv ]; then
  ./valuemap simulate --countries 66 --respondents 1470 --columns 600 --models 0 --quiet -o $work
fi

# Median wall time of five runs of a command, in seconds.
median() {
  for run in 1 2 3 4 5; do
    start=$(date +%s%N)
    "$@" >/dev/null
    end=$(date +%s%N)
    echo $((end - start))
  done | sort -n | awk 'NR == 3 { printf "%.3f", $1 / 1e9 }'
}
# Median of the seconds that a program prints beside a word, over five runs of it.
printed() {
  word=$1
  shift
  for run in 1 2 3 4 5; do "$@" | awk -v w="$word" '$1 == w { print $2 }'; done | sort -n | awk 'NR == 3'
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

ours() { tests/bench/map "$source/codebooks/iw-wvs7.yaml" $work/human.csv 256 "$1"; }
fit() { ./valuemap fit $work/human.csv --codebook iw-wvs7 --weight W_WEIGHT --group B_COUNTRY_ALPHA --quiet; }

processors=$(getconf _NPROCESSORS_ONLN)
whole=$(median fit)
echo "valuemap fit, whole process:              $whole s"
for threads in 1 "$processors"; do
  echo "bootstrap of the map, $threads thread(s):           $(printed bootstrap ours "$threads") s a replicate"
done
command -v Rscript >/dev/null || { echo "R is not there: no peer to compare with"; exit 0; }
Rscript -e 'quit(status = !requireNamespace("data.table", quietly = TRUE))' ||
  { echo "R has no data.table: no peer to compare with"; exit 0; }

peer() { Rscript "$source/tests/bench/map.R" $work/human.csv 10 "$1"; }
for threads in 1 "$processors"; do
  one=$(printed bootstrap ours "$threads")
  results=$(peer "$threads")
  value() { echo "$results" | awk -v w="$1" '$1 == w { print $2 }'; }
  echo "-- R with $threads thread(s) for fread"
  echo "fread of 16 columns:                       $(value fread) s; valuemap fit / fread = $(ratio "$whole" "$(value fread)")"
  total=$(awk -v a="$(value fread)" -v b="$(value fit_products)" 'BEGIN { print a + b }')
  echo "fread + weighted pairwise map in R:        $total s; valuemap fit / R = $(ratio "$whole" "$total")"
  echo "bootstrap in R, cov.wt pair by pair:       $(value bootstrap_pairs) s a replicate; R / valuemap = $(ratio "$(value bootstrap_pairs)" "$one")"
  echo "bootstrap in R, matrix products:           $(value bootstrap_products) s a replicate; R / valuemap = $(ratio "$(value bootstrap_products)" "$one")"
done
