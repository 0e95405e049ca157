#!/bin/sh
# Speed of the metrics of distributions beside NumPy with SciPy and R, on the same distributions.
#   compare.sh SOURCE-FOLDER    run in the build folder by `make bench`
# grid: all 27 metrics of 100 persona groups x 100 countries x 300 items (4, 5 and 10 scale points). bootstrap: standard error and
# percentiles of 1,000 replicates of all of them. own: the same of each persona group with its own country alone.
# "vectorised": whole arrays at a time, what depends on one side found once. "per pair": a function call for each pair (of SciPy's
# functions those that it has, eleven metrics), on 2,000 of the 3,000,000 pairs. What is done is a part of the whole, and times are
# multiplied accordingly: bootstrap, three of 300 items (one of each kind), and of these all pairs by valuemap, those of five
# countries by NumPy and of two by R; own, ten of the 100 groups, three by R. Times are those of the processor, because other
# programs may run, too; ours with one thread. Where results differ by more than 1e-9 the metric is named; bootstraps differ by
# chance.
set -eu
source=$1
mkdir -p bench-data
shares=bench-data/compare.bin
OPENBLAS_NUM_THREADS=1
export OPENBLAS_NUM_THREADS
test -f $shares || tests/bench/compare $shares make
# Runs a program; leaves seconds for the whole work in $seconds, peak memory in $memory.
run() {
  /usr/bin/time -f '%M' -o bench-data/peak "$@" >bench-data/out 2>/dev/null || { seconds=; return; }
  memory=$(awk 'END { printf "%.0f", $1 / 1024 }' bench-data/peak)
  seconds=$(awk '$1 == "seconds" { s = $2 } $1 == "done" { d = $2 } END { printf "%.4g", s / (d ? d : 1) }' bench-data/out)
}
differ() {
  awk 'NR == FNR { ours[$1] = $2; next }
       $1 in ours && $1 != "seconds" && $1 != "wall" { d = $2 - ours[$1]; if (d < 0) d = -d; s = ours[$1] < 0 ? -ours[$1] : ours[$1]
                                       if (d > 1e-9 * s) printf " %s (%g, %g)", $1, $2, ours[$1] }' bench-data/ours bench-data/out
}
theirs() {
  name=$1
  shift
  run "$@"
  if test -z "$seconds"; then echo "  $name: not here"; return; fi
  awk -v n="$name" -v t="$seconds" -v o="$own" -v m="$memory" 'BEGIN { printf "  %s %.4g s, %s MB: %.0f times ours\n", n, t, m, t / o }'
}
for what in grid bootstrap own; do
  for threads in 1 "$(getconf _NPROCESSORS_ONLN)"; do
    run tests/bench/compare $shares $what "$threads"
    echo "$what, $threads thread(s): valuemap $seconds s of processor time, $(awk '$1 == "wall" { print $2 }' bench-data/out) s on the clock, $memory MB"
    test "$threads" != 1 || { own=$seconds; cp bench-data/out bench-data/ours; }
  done
  theirs "NumPy, vectorised" /usr/bin/python3 "$source/tests/bench/compare.py" $shares $what
  test $what != grid || echo "    differences:$(differ)"
  theirs "R, vectorised" Rscript "$source/tests/bench/compare.R" $shares $what
  test $what != grid || echo "    differences:$(differ)"
  test $what = grid || continue
  theirs "SciPy, per pair" /usr/bin/python3 "$source/tests/bench/compare.py" $shares pairs
  theirs "R, per pair" Rscript "$source/tests/bench/compare.R" $shares pairs
done
