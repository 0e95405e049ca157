#!/bin/sh
# Speed of factor analysis beside R on the same machine and data of the same shape, with the peak memory of either
# process, the data in it.
#   factor.sh SOURCE-FOLDER [WHAT]    run in the build folder by `make bench-factor`; [all]
# The ratios are to one thread of valuemap; R runs on one thread too, with the BLAS that it has. Medians of three runs
# of valuemap, one of R: look at the load of the machine, which is printed first and last.
set -eu
source=$1
only=${2:-}
OPENBLAS_NUM_THREADS=1
export OPENBLAS_NUM_THREADS
load() { printf 'load of the machine: %s, processors: %s\n' "$(cut -d ' ' -f 1 /proc/loadavg)" "$(getconf _NPROCESSORS_ONLN)"; }
median() { # field of three runs
  for run in 1 2 3; do tests/bench/factor "$@"; done | sort -n -k 2 | awk 'NR == 2 { print $2, $3 }'
}
compare() { # WHAT N P COUNT
  if [ -n "$only" ] && [ "$only" != "$1" ]; then return; fi
  one=$(median "$@" 1)
  all=$(median "$@" 0)
  printf '%-11s n %6s p %3s count %4s: %9s s (1 thread), %9s s (all), %4s MB\n' "$1" "$2" "$3" "$4" "${one% *}" \
    "${all% *}" "${all#* }"
  command -v Rscript >/dev/null || return 0
  Rscript "$source/tests/bench/factor.R" "$@" 2>/dev/null | awk -v one="${one% *}" -v all="${all% *}" '
    { printf "    %-20s %9.2f s, %5.0f MB; R / valuemap = %.0f (1 thread), %.0f (all)\n", $1, $2, $3, $2 / one, $2 / all }'
}
load
compare correlate 97000 300 1
compare polychoric 97000 30 1
compare parallel 1000 10 1000
compare parallel 1000 30 1000
compare bootstrap 97000 10 1000
compare bootstrap 97000 30 1000
for p in 30 100 300; do
  compare ml 1000 $p 20
  compare minres 1000 $p 20
done
load
