#!/bin/sh
# The same bytes for any number of threads, and the same numbers for any order of rows.
#
#   tests/bench/determinism.sh [FOLDER]      in the build folder; results go to FOLDER [determinism-scratch]
#
# Every command that computes is run with 1, 2 and 7 threads: tables and figures must be the same bytes. Then its files
# are shuffled (by a fixed key): numbers must be the same up to 1e-9 of their size (tests/support/same-text.awk), since
# sums are added in another order. Tables with a row per respondent or per row of a file come in another order and are
# not compared, nor is run.json, which has the checksums of the files. Exit status 1 when anything differs.
source=${VALUEMAP_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
scratch=${1:-determinism-scratch}
PATH=$PWD:$PATH VALUEMAP_DATA=$source LC_ALL=C OPENBLAS_NUM_THREADS=1
export PATH VALUEMAP_DATA LC_ALL OPENBLAS_NUM_THREADS
rm -rf "$scratch"
mkdir -p "$scratch/rows" "$scratch/shuffled" || exit 99
cd "$scratch" || exit 99
status=0

valuemap simulate --countries 8 --respondents 300 --personas 40 --seed 4 --quiet --output rows || exit 99
# the same persona in two variants
awk -F , -v OFS=, 'NR == 1 { print $0, "who", "prompt"; next } { print $0, int(NR / 2), NR % 2 ? "A" : "B" }' rows/persona.csv >rows/variants.csv
cp "$source/datasets/factor-bfi/bfi.csv" "$source/datasets/morality-llm-personas/answers.csv" rows/
for file in human persona variants bfi answers; do
  awk -v seed=11 'BEGIN { srand(seed) } NR == 1 { print "0\t" $0; next } { printf "%.12f\t%s\n", 1 + rand(), $0 }' \
    "rows/$file.csv" | sort -s -n -k 1,1 | cut -f 2- >"shuffled/$file.csv"
done
(cd rows && valuemap fit human.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA --bootstrap 20 --quiet --output space) || exit 99

# name, then the words of the command; %: the folder of the files
cases='fit fit %/human.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA --bootstrap 100
project project %/persona.csv --space rows/space/space.json --group model,B_COUNTRY_ALPHA --bootstrap 100
distance distance %/persona.csv --space rows/space/space.json --group model,B_COUNTRY_ALPHA --bootstrap 100
cluster cluster %/persona.csv --space rows/space/space.json --group model,B_COUNTRY_ALPHA --permutations 199
between distance %/persona.csv --space rows/space/space.json --group model,B_COUNTRY_ALPHA --between model,zone --distance all --resamples 50
compare compare %/human.csv %/persona.csv --by B_COUNTRY_ALPHA --replicates 50
variants compare %/human.csv %/variants.csv --by B_COUNTRY_ALPHA --weight W_WEIGHT --persona who --variant prompt --composition personas --replicates 50
dimensions dimensions %/human.csv --weight W_WEIGHT --bootstrap 20
factor factor %/bfi.csv --codebook SOURCE/datasets/factor-bfi/codebook.yaml --items A*,C*,N* -k 3 --sets 20 --replicates 20
morality morality %/answers.csv --key mfq2 --group model,persona'

compare() { # name, one folder, another, text of the difference, by bytes or numbers
  for file in "$2"/tables/*.tsv "$2"/figures/*.gp; do
    part=${file#"$2"/}
    test -f "$file" || continue
    case $5-$part in *respondents.tsv | *-tables/ledger.tsv | numbers-*scores.tsv | numbers-*.gp) continue ;; esac
    grep -v '^# input' "$file" >a.text
    grep -v '^# input' "$3/$part" >b.text 2>/dev/null || echo missing >b.text
    if [ "$5" = bytes ]; then cmp -s a.text b.text; else sort a.text >a.sorted; sort b.text >b.sorted; awk -f "$source/tests/support/same-text.awk" a.sorted b.sorted >/dev/null; fi && continue
    echo "$1: $part differs $4"
    diff a.text b.text | sed -n '2,4p' | cut -c 1-160
    status=1
  done
}

while read -r name words; do
  words=$(printf '%s' "$words" | sed "s|SOURCE|$source|")
  for threads in 1 2 7; do
    set -f
    valuemap $(printf '%s' "$words" | sed 's|%|rows|g') --threads $threads --quiet --output "$name-$threads" || status=1
    set +f
  done
  set -f
  valuemap $(printf '%s' "$words" | sed 's|%|shuffled|g') --threads 2 --quiet --output "$name-shuffled" || status=1
  set +f
  compare "$name" "$name-1" "$name-2" "between 1 and 2 threads" bytes
  compare "$name" "$name-1" "$name-7" "between 1 and 7 threads" bytes
  compare "$name" "$name-1" "$name-shuffled" "when rows are shuffled" numbers
done <<EOF
$cases
EOF
[ $status -eq 0 ] && echo "the same for 1, 2 and 7 threads and for shuffled rows"
exit $status
