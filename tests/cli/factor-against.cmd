# exit 0
# Another file obeys --where, --recode and --weights: the same file is congruent with itself, whoever is chosen.
. "$LIB"
set -- ../sim/human.csv --codebook iw-wvs7 -k 2 -x pc --sets 5 --permutations 0 --against ../sim/human.csv --table group_congruence \
  --format tsv --no-comments
same() { # everything of group_congruence but the name of the file
  valuemap factor "$@" --quiet | cut -f 3-5,11
}
same "$@"
same "$@" --weight W_WEIGHT
same "$@" --where 'B_COUNTRY_ALPHA in (JPN, MEX)'
same "$@" --weight W_WEIGHT --recode 'band=W_WEIGHT:<1,1+' --where "band = '1+'" --weights equal-country --weight-by B_COUNTRY_ALPHA
# whoever is left out of both: 150 respondents of one country, as if the others were not there
awk -F , 'NR == 1 || /JPN/' ../sim/human.csv >one.csv
valuemap factor "$@" --quiet --where 'B_COUNTRY_ALPHA = JPN' | cut -f 4- >a
shift
valuemap factor one.csv "$@" --quiet --where 'B_COUNTRY_ALPHA = JPN' | cut -f 4- >b
near a b 1e-9
# what a file has no column for is said
cut -d , -f 4-5,7- ../sim/human.csv >less.csv
head -n 1 ../sim/human.csv
head -n 1 less.csv
try valuemap factor ../sim/human.csv "$@" --weight W_WEIGHT --against less.csv --recode 'band=W_WEIGHT:<1,1+' --where "band = '1+'" \
  --weights equal-country --weight-by B_COUNTRY_ALPHA 2>&1
