# exit 0
# Four groups of ten; personas take people's group means exactly (slope 1) in Q164, and turn them round in Q182. Everybody of a
# group of personas says the same: stereotypes, and half as many answer vectors as there are groups at most.
. "$LIB"
printf 'country,sex,Q164,Q182,Q46,Q57\n' >people.csv
printf 'country,sex,Q164,Q182,Q46,Q57\n' >personas.csv
for g in 1 2 3 4; do
  for i in 1 2 3 4 5 6 7 8 9 10; do
    sex=$((i % 2))
    echo "G$g,$sex,$((2 * g - 1 + i % 3)),$((2 * g - 1 + i * 7 % 3)),$((1 + (g + i) % 4)),$((1 + i % 2))"
    echo "G$g,$sex,$((2 * g)),$((10 - 2 * g)),$((1 + (g + i) % 4)),1" >&3
  done
done >>people.csv 3>>personas.csv
run() {
  valuemap compare people.csv personas.csv --by country,sex --levels all,country --codebook wvs7 --min-n 1 -r 0 \
    --items Q164,Q182,Q46,Q57 --table "$1" --format tsv
}
run pattern >pattern.tsv
columns pattern.tsv item groups r slope spread eta2_persona variance_ratio within_ratio
run own_group | grep -v '^#' | cut -f 1-7,20,21
run nearest_groups | grep -v "^#" | cut -f 2-
run coefficients >coefficients.tsv
columns coefficients.tsv item attribute label reference human persona flip
# Holm: twelve tests of coefficients that can be made
valuemap compare people.csv personas.csv --by country,sex --codebook wvs7 --min-n 1 -r 0 --items Q164,Q182,Q46 --adjust holm \
  --table coefficients --format tsv >adjusted.tsv
columns adjusted.tsv item label p p_adj wald_p wald_p_adj | awk 'NR == 1 || $3 != "NA"'
run structure >structure.tsv
columns structure.tsv measure human persona value
# the two sides by their own names
valuemap compare people.csv personas.csv --by country --codebook wvs7 --min-n 1 -r 0 --items Q164,Q182 --names gemma,llama --table refusals \
  --format tsv --quiet | grep -E "people:|^all" | cut -f 1-4
run collapse >collapse.tsv
columns collapse.tsv level set country n unique rarefied largest mode_share entropy coverage
run checks >checks.tsv
columns checks.tsv check measure value ratio
