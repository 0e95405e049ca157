# exit 0
# Six personas, three wordings, two answers each. Q46: the persona decides everything; Q57: the wording does.
. "$LIB"
printf 'country,Q46,Q57,Q164\n' >people.csv
printf 'country,who,wording,Q46,Q57,Q164\n' >personas.csv
for i in 1 2 3 4 5 6; do
  echo "SWE,$((1 + i % 4)),$((1 + i % 2)),$i"
  for v in a b c; do
    for r in 1 2; do
      echo "SWE,p$i,$v,$((1 + i % 4)),$((1 + $(printf '%d' "'$v") % 2)),$((i + r))" >&3
    done
  done
done >>people.csv 3>>personas.csv
run() {
  valuemap compare people.csv personas.csv --codebook wvs7 --min-n 1 -r 0 --items Q46,Q57,Q164 --persona who --variant wording \
    --table "$1" -q --format tsv
}
run steadiness >steadiness.tsv
columns steadiness.tsv item personas variants repetitions persona variant interaction residual dependability alpha same fleiss cohen
run checks >checks.tsv
columns checks.tsv check measure value by_chance ratio
valuemap compare people.csv personas.csv --variant wording || echo "status $?"
