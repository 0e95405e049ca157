#!/bin/sh
# Speed of factor analysis beside R on the same machine and data of the same shape, with the peak memory of either
# process, the data in it.
#   factor.sh SOURCE-FOLDER [WHAT]    run in the build folder by `make bench-factor`; [all]
# The ratios are of the processor's seconds, one thread each (R with the BLAS that it has), which say more than those of
# the wall where others use the machine; medians of three runs of valuemap, one of R. Beside them stand the ratios of the
# times on the wall, valuemap with all processors.
set -eu
source=$1
only=${2:-}
OPENBLAS_NUM_THREADS=1
export OPENBLAS_NUM_THREADS
load() { printf 'load of the machine: %s, processors: %s\n' "$(cut -d ' ' -f 1 /proc/loadavg)" "$(getconf _NPROCESSORS_ONLN)"; }
median() { # FIELD, arguments of the program
  field=$1
  shift
  for run in 1 2 3; do tests/bench/factor "$@"; done | sort -n -k "$field" | awk -v f="$field" 'NR == 2 { print $f, $4 }'
}
compare() { # WHAT N P COUNT
  if [ -n "$only" ] && [ "$only" != "$1" ]; then return; fi
  one=$(median 3 "$@" 1)
  all=$(median 2 "$@" 0)
  printf '%-11s n %6s p %3s count %4s: %8s s on one thread, %4s MB; all threads: %8s s on the clock\n' "$1" "$2" "$3" \
    "$4" "${one% *}" "${one#* }" "${all% *}"
  if [ -z "$peer" ]; then return; fi
  Rscript "$source/tests/bench/factor.R" "$@" 2>/dev/null | awk -v one="${one% *}" -v all="${all% *}" '
    { printf "    %-20s %9.2f s, %5.0f MB; R / valuemap = %.1f; on the wall, all threads: %.1f\n", $1, $2, $3, $2 / one, $4 / all }
    END { if (NR == 0) print "    R has no package that does this: no peer to compare with" }'
}
peer=$(command -v Rscript) || echo "R is not there: no peer to compare with"
load
compare correlate 97000 300 1
compare polychoric 97000 30 1
compare parallel 1000 10 1000
compare parallel 1000 30 1000
compare bootstrap 97000 10 1000
compare bootstrap 97000 30 1000
for p in 30 100 300; do # from one start, as R; then from the ten of valuemap's default
  for starts in '' all; do
    compare ml$starts 1000 $p 20
    compare minres$starts 1000 $p 20
  done
done
load
