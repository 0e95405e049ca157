#!/bin/sh
# Memory of `valuemap compare` when personas give 1 and 10 million answers, by layout of their file: largest resident memory
# (getrusage of the program) and seconds of the processor.
#   compare_memory.sh SOURCE-FOLDER    run in the build folder by `make bench-compare`
# The personas are those of datasets/map-simulated again and again (14 items; their names are numbers); the files take 1.5 GB in
# bench-data and are removed. "kept": --persona, for which whole respondents are kept.
set -eu
source=$1
data=$source/datasets/map-simulated
VALUEMAP_DATA=$source
export VALUEMAP_DATA
mkdir -p bench-data
compare() {
  /usr/bin/time -f '%M %U %S' -o bench-data/peak ./valuemap compare "$data/human.csv" "$@" --by B_COUNTRY_ALPHA --weight W_WEIGHT \
    --replicates 0 --levels all --quiet --format csv >bench-data/out
  printf '%s MB, %s s of processor time\n' "$(awk 'END { printf "%.0f", $1 / 1024 }' bench-data/peak)" \
    "$(awk 'END { print $2 + $3 }' bench-data/peak)"
}
for answers in 1000000 10000000; do
  echo "$answers answers"
  wide=bench-data/personas.csv
  awk -F, -v OFS=, -v rows=$((answers / 14)) '
    BEGIN { n = 0 } NR == 1 { print; next } { for (i = 4; i <= NF; i++) row[n] = row[n] OFS $i; head[n++] = $1 OFS $2 }
    END { for (r = 0; r < rows; r++) print head[r % n], r + 1 row[r % n] }' "$data/persona.csv" >$wide
  awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) name[i] = "\"" $i "\": "; next }
    { printf("{"); for (i = 1; i <= NF; i++) printf("%s%s%s%s%s", i == 1 ? "" : ", ", name[i], q = i < 3 ? "\"" : "", $i, q)
      print "}" }' $wide >bench-data/personas.jsonl
  Rscript -e 'f <- commandArgs(TRUE); haven::write_dta(read.csv(f[1]), f[2])' $wide bench-data/personas.dta >/dev/null 2>&1 || true
  awk -F, -v OFS=, 'NR == 1 { for (i = 4; i < NF; i++) item[i] = $i; print "model", "B_COUNTRY_ALPHA", "persona", "item", "answer"; next }
    { for (i = 4; i < NF; i++) print $1, $2, $3, item[i], $i }' $wide >bench-data/long.csv
  echo "  wide CSV: $(compare $wide)"
  cp bench-data/out bench-data/first
  echo "  JSON Lines: $(compare bench-data/personas.jsonl)"
  test ! -s bench-data/personas.dta || echo "  Stata: $(compare bench-data/personas.dta)"
  cmp -s bench-data/out bench-data/first || echo "  the last file gives other numbers"
  echo "  long CSV: $(compare bench-data/long.csv)"
  cmp -s bench-data/out bench-data/first || echo "  the last file gives other numbers"
  echo "  wide CSV, kept: $(compare $wide --persona persona)"
  rm -f $wide bench-data/personas.jsonl bench-data/personas.dta bench-data/long.csv
done
