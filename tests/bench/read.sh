#!/bin/sh
# Speed of reading beside R and Python on the same machine and files, whole processes, page cache warm, medians of
# five runs; and the memory that it takes.
#   read.sh SOURCE-FOLDER    run in the build folder by `make bench-read`
# The survey has the size of the World Values Survey's wave 7: 97,020 rows x 600 columns, simulated. With BIG=yes a
# file of the size of the Integrated Values Surveys (450,000 x 1,000 columns, 1.5 GB) is made, too.
set -eu
source=$1
work=bench-data
OPENBLAS_NUM_THREADS=1
VALUEMAP_DATA=$source
export OPENBLAS_NUM_THREADS VALUEMAP_DATA
processors=$(getconf _NPROCESSORS_ONLN)

if [ ! -f $work/human.csv ]; then
  ./valuemap simulate --countries 66 --respondents 1470 --columns 600 --models 0 --quiet -o $work
fi
if [ ! -f $work/answers.jsonl ]; then
  awk 'BEGIN { srand(1); for (i = 0; i < 300000; i++) printf "{\"id\":%d,\"model\":\"m%d\",\"Q164\":%d,\"Q182\":%d,\"Q46\":%d,\"text\":\"some words that a model said %d\"}\n", i, i % 7, 1 + rand() * 10, 1 + rand() * 10, 1 + rand() * 4, i }' >$work/answers.jsonl
fi

# Medians of five runs of a command, in seconds: of the wall time and of the processor time, which says more on a
# machine that others use, too.
measure() {
  for run in 1 2 3 4 5; do
    (
      start=$(date +%s%N)
      "$@" >/dev/null
      end=$(date +%s%N)
      echo $((end - start))
      times
    ) | awk 'function seconds(t) { split(t, part, /[ms]/); return 60 * part[1] + part[2] }
             NR == 1 { wall = $1 / 1e9 } NR == 3 { print wall, seconds($1) + seconds($2) }'
  done >measured.$$
  sort -n measured.$$ | awk 'NR == 3 { printf "%.3f ", $1 }'
  sort -n -k 2 measured.$$ | awk 'NR == 3 { printf "%.3f", $2 }'
  rm -f measured.$$
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a / (b > 0 ? b : .001) }'; }
ours() { tests/bench/read "$@"; }
memory() { tests/bench/read "$@" | awk '$1 == "megabytes" { print $2 }'; }
has() { Rscript -e "quit(status = !requireNamespace('$1', quietly = TRUE))" 2>/dev/null; }
beside() { # what, our seconds, peer, its seconds
  echo "$1: valuemap $(say $2); $3 $(say $4); $3 / valuemap = $(ratio ${4% *} ${2% *}) (processor $(ratio ${4#* } ${2#* }))"
}
say() { echo "$1 s (processor $2)"; }
raw() { cat "$1" >/dev/null; measure wc -l "$1"; } # the raw scan of the same bytes, with them in the page cache
against() { echo "$(ratio ${1% *} ${2% *}) times the raw scan (processor $(ratio ${1#* } ${2#* }))"; } # ours, the scan

bytes=$(wc -c <$work/human.csv)
scan=$(raw $work/human.csv)
echo "raw scan of the $((bytes / 1000000)) MB (wc -l): $(say $scan)"
echo "R starts in $(say $(measure Rscript -e 1)), which its times include"
fread() { # columns threads
  Rscript -e "library(data.table); setDTthreads($2); n <- ncol(fread('$work/human.csv', nrows = 1)); k <- if ($1) unique(1 + (seq_len($1) - 1) * n %/% $1) else seq_len(n); invisible(fread('$work/human.csv', select = k))"
}
for threads in 1 "$processors"; do
  for columns in 15 0; do
    one=$(measure ours $work/human.csv $columns "$threads")
    what="CSV, $([ $columns = 0 ] && echo all || echo "$columns of 600") columns, $threads thread(s)"
    echo "$what: $(say $one), $(against "$one" "$scan"), $(memory $work/human.csv $columns "$threads") MB"
    if has data.table; then beside "$what" "$one" fread "$(measure fread $columns "$threads")"; fi
  done
done

if has haven; then
  [ -f $work/human.sav ] || Rscript -e "library(haven); write_sav(as.data.frame(data.table::fread('$work/human.csv')), '$work/human.sav', compress = 'byte')"
  haven() {
    Rscript -e "library(haven); invisible($([ "$1" = 0 ] && echo "read_sav('$work/human.sav')" || echo "read_sav('$work/human.sav', col_select = 1 + (0:14) * 40)"))"
  }
  scan=$(raw $work/human.sav)
  for columns in 15 0; do
    one=$(measure ours $work/human.sav $columns "$processors")
    beside ".sav, $([ $columns = 0 ] && echo all || echo "$columns of 600") columns ($(memory $work/human.sav $columns 1) MB, $(against "$one" "$scan"))" "$one" haven "$(measure haven $columns)"
  done
fi

scan=$(raw $work/answers.jsonl)
one=$(measure ours $work/answers.jsonl 0 "$processors")
echo "JSON Lines, 300,000 objects, all columns: $(say $one), $(against "$one" "$scan"), $(memory $work/answers.jsonl 0 "$processors") MB"
if command -v jq >/dev/null; then
  beside "JSON Lines" "$one" jq "$(measure jq -r '[.id, .model, .Q164, .Q182, .Q46, .text] | @tsv' $work/answers.jsonl)"
fi
if command -v python3 >/dev/null; then
  beside "JSON Lines" "$one" python "$(measure python3 -c "import json; rows = [json.loads(l) for l in open('$work/answers.jsonl')]")"
fi

if [ "${BIG:-no}" = yes ]; then
  [ -f $work/big.csv ] || awk 'BEGIN { srand(1); for (j = 0; j < 1000; j++) printf "%sc%d", j ? "," : "", j; print ""; for (k = 0; k < 1000; k++) { line = ""; for (j = 0; j < 1000; j++) line = line (j ? "," : "") (j % 4 ? int(1 + rand() * 10) : int(1000000 + rand() * 1000000)); lines[k] = line } for (i = 0; i < 450000; i++) print lines[i * 7 % 1000] }' >$work/big.csv
  scan=$(raw $work/big.csv)
  one=$(measure ours $work/big.csv 15 "$processors")
  echo "450,000 x 1,000 columns, $(($(wc -c <$work/big.csv) / 1000000)) MB, 15 columns: $(say $one), $(against "$one" "$scan"), $(memory $work/big.csv 15 "$processors") MB resident (at most 200)"
fi
