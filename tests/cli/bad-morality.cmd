# exit 65
. "$LIB"
D=$SOURCE/datasets/morality-llm-personas
valuemap morality "$D/answers.csv" --key mfq3 -q
valuemap morality "$D/answers.csv" --group model,persona --scale 0..9 -q
valuemap morality "$D/answers.csv" --group model --human "$D/human_means.csv" -q
printf 'country,care\nJapan,3\n' >few.csv
valuemap morality "$D/answers.csv" --group model,persona --human few.csv -q
valuemap morality ../sim/human.csv -q
valuemap morality "$D/answers.csv" --group model,persona --nation land -q
printf 'country,a,b,c\nJapan,1,2,3\nKenya,2,2,4\nPeru,3,5,8\nEgypt,1,1,2\nChile,2,4,6\nRussia,0,1,1\n' >same.csv
printf 'country,a\nJapan,1\n' >one.csv
valuemap morality "$D/answers.csv" --group model,persona --culture same.csv -q
valuemap morality "$D/answers.csv" --group model,persona --culture one.csv -q
valuemap morality "$D/answers.csv" --group persona --where 'persona = Japan' --culture iw2023 -q
valuemap morality "$D/answers.csv" --group model,persona --culture iw2023 --predictors religion -q
valuemap morality "$D/answers.csv" --group model,persona --culture iw2024 -q
valuemap morality "$D/answers.csv" --culture iw2023 -q
valuemap morality "$D/answers.csv" --group model,persona --culture nowhere.csv -q
P="$D/answers.csv --group model,persona -q"
valuemap morality $P --culture iw2023 --predictors zone --coding helmert
valuemap morality $P --culture iw2023 --predictors zone --reference Atlantis
valuemap morality $P --culture iw2023 --predictors zone --reference 'Latin America,Confucian'
valuemap morality $P --culture iw2023 --predictors zone --zones none
valuemap morality $P --attributes run
valuemap morality $P --culture iw2023 --attributes persona
valuemap morality $P --culture iw2023 --attributes run,run
valuemap morality $P --culture iw2023 --attributes sex
awk -F, 'NR == 1 { print $0 ",sex" } NR > 1 { print $0 ",f" }' "$D/answers.csv" | tr -d '\r' >sex.csv
valuemap morality sex.csv --group model,persona -q --culture iw2023 --attributes sex
printf 'country,a,b\nJapan,1,2\nKenya,2,two\nPeru,3,5\n' >text.csv
valuemap morality $P --culture text.csv --predictors a,b,c
printf 'country,a\nJapan,1\nKenya,1\nPeru,1\nChile,1\n' >constant.csv
valuemap morality $P --culture constant.csv
# keys: an item that is not there, a scale without items, an unknown word; another scale; one nation only
sed 's/items: \[1, 7, 13/items: [1, 40, 13/' "$SOURCE/questionnaires/mfq2.yaml" >item.yaml
sed 's/items: \[1, 7, 13, 19, 25, 31\]/items: []/' "$SOURCE/questionnaires/mfq2.yaml" >empty.yaml
sed 's/least: 4/lest: 4/' "$SOURCE/questionnaires/mfq2.yaml" >word.yaml
for key in item empty word; do
  valuemap morality "$D/answers.csv" --key ./$key.yaml -q
done
awk -F , 'NR == 1 { print; next } { line = $1; for (i = 2; i <= NF; i++) line = line "," (i > 3 && $i != "" ? 2 * $i : $i); print line }' \
  "$SOURCE/tests/data/morality-models.csv" >double.csv
valuemap morality double.csv -q
# two codings in one file, or six steps; a nation with two places, under two names; a place of no nation
tr -d '\r' <"$D/answers.csv" | awk -F , -v OFS=, 'NR > 1 && NR % 2 { for (i = 4; i <= NF; i++) if ($i != "") $i-- } 1' >mixed.csv
valuemap morality mixed.csv -q
tr -d '\r' <"$D/answers.csv" | awk -F , -v OFS=, 'NR > 1 { for (i = 4; i <= NF; i++) if ($i != "") $i = int(($i - 1) * 1.25 + .5) } 1' >six.csv
valuemap morality six.csv -q
valuemap morality mixed.csv --scale 1..5 --table series_sheets 2>&1 >/dev/null | grep outside
printf 'country,a\nJapan,1\nRussia,2\nPeru,3\nEgypt,1\nRUS,2\n' >twice.csv
valuemap morality $P --culture twice.csv
printf 'country,a\nJapan,1\nRusia,2\nPeru,3\nEgypt,1\nChile,2\n' >misspelt.csv
valuemap morality "$D/answers.csv" --group model,persona --permutations 9 --culture misspelt.csv --table mapping_fit 2>&1 >/dev/null | grep 'no nation of'
cut -d , -f 1-7 "$SOURCE/tests/data/morality-models.csv" >part.csv
valuemap morality part.csv -q
valuemap morality "$D/answers.csv" --group model,persona --human "$D/human_means.csv" --where 'persona = Japan' -q --table calibration \
  --format text | grep -o 'qwen2.5:7b, purity: [a-z ]*'
valuemap morality "$D/answers.csv" --group model,persona --structure all -q
exit 65
