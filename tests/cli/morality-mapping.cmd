# exit 0
# Morality on culture: nations without a place, a model that says the same everywhere, one without enough sheets; the
# same predictors from a file; more predictors than nations.
. "$LIB"
D=$SOURCE/datasets/morality-llm-personas
M="$D/answers.csv --group model,persona --human $D/human_means.csv --permutations 99"
valuemap morality $M --culture iw2023 -o out 2>&1 | grep -E 'place|same mean|not mapped'
ls out/tables
columns out/tables/mapping_fit.tsv series scale nations predictors | awk '$2 == "all"'
columns out/tables/mapping_compare.tsv series what name nations | awk '$2 == "all"'
cat >places.csv <<'END'
country,religion,wealth,region
Argentina,1,2.5,south
Belgium,0,4.5,north
Chile,1,2.0,south
Colombia,2,1.5,south
Egypt,4,1.0,south
France,0,4.0,north
END
valuemap morality $M --culture places.csv -q --table mapping_fit --no-comments -f tsv | cut -f 1-4 | grep -E 'series|people'
valuemap morality $M --culture places.csv -q --predictors religion,region --table mapping --no-comments -f tsv |
  cut -f 1-3 | grep -E 'people.care'
printf 'c,a,b,d,e\nArgentina,1,2,0,5\nBelgium,0,4,1,1\nChile,3,2,2,0\nEgypt,1,1,7,2\nPeru,0,2,2,1\n' >few.csv
valuemap morality $M --culture few.csv --table mapping_fit --no-comments -f tsv 2>notes | cut -f 1-6 | grep -E 'people.(care|all)'
grep refused notes
# zones as predictors: a zone with one nation has no error; sheets with made-up attributes, errors by nation
valuemap morality $M --culture iw2023 --predictors zone --reference 'Latin America' --table mapping --no-comments -f tsv 2>notes |
  cut -f 1-7,19- | grep -E 'series|people.care'
grep -E 'alone|place' notes
valuemap morality $M --culture iw2023 --predictors zone,survself --coding effect --table mapping_predictors --no-comments -f tsv 2>notes |
  cut -f 1-3,6-
grep nearly notes
awk -F, 'NR == 1 { print "sex,age," $0 } NR > 1 { h = NR * 7919 % 97; print (h % 2 ? "male" : "female") "," (NR % 13 ? 20 + h % 60 : "") "," $0 }' \
  "$D/answers.csv" >attributes.csv
valuemap morality attributes.csv --group model,persona --permutations 99 --culture iw2023 --attributes sex,age --reference male \
  --where "model = 'llama3.1:8b'" --table mapping_sheets --no-comments -f tsv 2>notes | cut -f 1-12 | grep -E 'series|care'
grep attribute notes
# weights of sheets: the same as sheets that are there as often as they weigh (but for the random intercepts, whose weights have a
# mean of 1, and the number of sheets)
awk -F, 'NR == 1 { print "w," $0 } NR > 1 { print 1 + NR * 31 % 3 "," $0 }' attributes.csv >weighted.csv
awk -F, 'NR == 1 { print } NR > 1 { for (i = 0; i < $1; i++) print }' weighted.csv >often.csv
S="--group model,persona --permutations 99 --culture iw2023 --attributes sex --table mapping_sheets --no-comments -f tsv -q"
valuemap morality weighted.csv $S --weight w --where "model = 'qwen2.5:72b'" | cut -f 1-4,6-17 >weighted.tsv
valuemap morality often.csv $S --where "model = 'qwen2.5:72b'" | cut -f 1-4,6-17 >often.tsv
valuemap morality weighted.csv $S --where "model = 'qwen2.5:72b'" | cut -f 1-4,6-17 >unweighted.tsv
compare_tables() {
  paste "$1" "$2" | awk -F '\t' 'NR > 1 { for (i = 5; i <= NF / 2; i++) { a = $i; b = $(i + NF / 2); d = a > b ? a - b : b - a; n++
      if (a == "NA" || b == "NA" ? a != b : d > 1e-9 * (1 + (b > 0 ? b : -b))) different++ } }
    END { print n " numbers, " different + 0 " different" }'
}
compare_tables weighted.tsv often.tsv
compare_tables unweighted.tsv often.tsv
