#!/bin/sh
# Speed of factor analysis beside R on the same machine; one thread each, then all.
#   factor.sh SOURCE-FOLDER    run in the build folder by `make bench-factor`
set -eu
source=$1
OPENBLAS_NUM_THREADS=1
export OPENBLAS_NUM_THREADS
compare() { # WHAT N P COUNT
  one=$(tests/bench/factor "$@" 1 | cut -d ' ' -f 2)
  all=$(tests/bench/factor "$@" 0 | cut -d ' ' -f 2)
  printf '%-11s n %6s p %3s count %4s: %8s s (1 thread), %8s s (all)' "$1" "$2" "$3" "$4" "$one" "$all"
  if command -v Rscript >/dev/null && Rscript -e 'quit(status = !requireNamespace("psych", quietly = TRUE))'; then
    r=$(Rscript "$source/tests/bench/factor.R" "$@" | awk '{ print $2 }')
    awk -v a="$r" -v b="$one" 'BEGIN { printf "; R %.2f s, R / valuemap (1 thread) = %.0f", a, a / b }'
  fi
  echo
}
compare parallel 1000 10 1000
compare parallel 1000 30 1000
compare bootstrap 97000 10 1000
compare bootstrap 97000 30 1000
compare polychoric 97000 30 1
compare correlate 97000 300 1
for p in 30 100 300; do
  compare ml 1000 $p 20
  compare minres 1000 $p 20
done
