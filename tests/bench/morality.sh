#!/bin/sh
# Speed and memory of `valuemap morality` beside R: the real sheets of datasets/morality-llm-personas, 5,732 of 36 items in 114
# groups, whole processes, medians of five runs. The ratio is that of processor time, which a busy machine changes less.
#   morality.sh SOURCE-FOLDER    run in the build folder by `make bench-morality`
set -eu
source=$1
VALUEMAP_DATA=$source
OPENBLAS_NUM_THREADS=1
export VALUEMAP_DATA OPENBLAS_NUM_THREADS
answers=$source/datasets/morality-llm-personas/answers.csv
people=$source/datasets/morality-llm-personas/human_means.csv

# "seconds megabytes processor-seconds" of a command: medians of five runs, largest memory of any.
measure() {
  for run in 1 2 3 4 5; do
    /usr/bin/python3 - "$@" <<'END'
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss / 1024)
END
  done | sort -n | awk '{ c[NR] = $1; t[NR] = $2; if ($3 > m) m = $3 } END { printf "%.3f %.0f %.3f\n", t[3], m, c[3] }'
}
row() { # words, seconds, megabytes, processor time, ours
  awk -v w="$1" -v s="$2" -v m="$3" -v c="$4" -v o="$5" 'BEGIN {
    printf "%-50s %7.3f s wall %7.3f s processor %5.0f MB %6.1f times ours\n", w, s, c, m, c / o }'
}

set -- $(measure ./valuemap morality "$answers" --group model,persona --quiet)
ours=$3
row "valuemap morality, scores, cells, alpha" "$1" "$2" "$3" "$ours"
set -- $(measure ./valuemap morality "$answers" --group model,persona --human "$people" --table calibration --quiet)
row "valuemap morality beside people" "$1" "$2" "$3" "$ours"
set -- $(measure ./valuemap morality "$answers" --group model,persona --nation persona --table structure --quiet)
row "valuemap morality, factor structure of six series" "$1" "$2" "$3" "$ours"
command -v Rscript >/dev/null || { echo "R is not there: no peer to compare with"; exit 0; }
Rscript -e 'quit(status = !requireNamespace("data.table", quietly = TRUE))' ||
  { echo "R has no data.table: no peer to compare with"; exit 0; }
set -- $(measure Rscript "$source/tests/bench/morality.R" "$answers")
row "R: fread, scores, cells, alpha by its formula" "$1" "$2" "$3" "$ours"
Rscript -e 'quit(status = !requireNamespace("psych", quietly = TRUE))' || exit 0
set -- $(measure Rscript "$source/tests/bench/morality.R" "$answers" psych)
row "R: the same with psych::alpha" "$1" "$2" "$3" "$ours"
