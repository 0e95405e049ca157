#!/bin/sh
# docs/tables.md knows every table that the bundled studies write, and every column of it.
source=${VALUEMAP_SOURCE:-$PWD}
scratch=$PWD/tables-scratch
VALUEMAP_DATA=$source
export VALUEMAP_DATA
rm -rf "$scratch"
status=0

for study in map-simulated map-llm-personas; do
  ./valuemap run "$source/datasets/$study/study.yaml" --quiet --output "$scratch/$study" || exit 1
done
./valuemap check "$source/datasets/map-simulated/persona.csv" --group model --quiet --output "$scratch/check" || exit 1
./valuemap factor "$source/datasets/factor-bfi/bfi.csv" --codebook "$source/datasets/factor-bfi/codebook.yaml" -k 5 -m oblimin --like spss --why \
  --sets 5 --replicates 3 --by education --quiet --output "$scratch/factor" || exit 1
./valuemap morality "$source/datasets/morality-llm-personas/answers.csv" --group model,persona \
  --human "$source/datasets/morality-llm-personas/human_means.csv" --culture iw2023 --permutations 99 --quiet \
  --output "$scratch/morality" || exit 1
./valuemap morality "$source/tests/data/morality-models.csv" --group model,nation --human "$source/tests/data/morality-people.csv" \
  --human-nation land --human-key mfq2-blocked --quiet --output "$scratch/morality_people" || exit 1
# compare writes every table of its own: with variants of personas, several series, replicates and groups
awk -F , 'NR == 1 {print $0 ",who,wording"; next} {print $0 "," int(NR / 2) "," NR % 2}' \
  "$source/datasets/map-simulated/persona.csv" >"$scratch/variants.csv" || exit 1
./valuemap compare "$source/datasets/map-simulated/human.csv" "$scratch/variants.csv" --by B_COUNTRY_ALPHA --items Q164,Q182,Q154,Y003 \
  --persona who --variant wording --margin .1 --replicates 20 --quiet --output "$scratch/compare" || exit 1
for name in $(./valuemap compare --help | tr -s '\n ' ' ' | sed 's/.*--table NAME table on standard output: //; s/ \[.*//; s/,//g'); do
  test -f "$scratch/compare/tables/$name.tsv" || {
    echo "valuemap compare --table names $name, which the run here does not write"
    status=1
  }
done
for table in "$scratch"/*/tables/*.tsv; do
  name=$(basename "$table" .tsv)
  # the section of the table; names of axes and grouping columns stand for themselves
  section=$(awk -v name="$name" '/^## /{inside = $2 == name} inside' "$source/docs/tables.md")
  if test -z "$section"; then
    echo "docs/tables.md has no table $name"
    status=1
    continue
  fi
  for column in $(grep -v '^#' "$table" | head -n 1 | sed 's/survself/AXIS/g; s/tradrat/AXIS/g; s/w1_scaled\|js_distance\|\<tv\>/METRIC/g; s/\<tv_/METRIC_/g'); do
    case $column in model | persona | nation | land | B_COUNTRY_ALPHA | education | F[2-9]* | own_F[2-9] | [ACENO][1-5]) continue ;; esac
    if ! printf '%s\n' "$section" | grep -q -F "\`$column\`"; then
      echo "docs/tables.md: table $name has no column $column"
      status=1
    fi
  done
done
test $status = 0 && rm -rf "$scratch"
exit $status
