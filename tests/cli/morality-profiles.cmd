# exit 0
# Real sheets of models beside the means of people; the tables of the folder; what a group of few sheets gets.
. "$LIB"
D=$SOURCE/datasets/morality-llm-personas
valuemap morality "$D/answers.csv" --group model,persona --human "$D/human_means.csv" -q -o out
ls out/tables out/figures | grep -v -E 'svg|pdf'
columns out/tables/profiles.tsv model persona scale n answered asked | awk '$1 ~ /mistral:7b/' | head -n 8
columns out/tables/profile_agreement.tsv model persona scales | awk '$1 ~ /mistral:7b/'
grep -c . out/tables/profile_agreement.tsv
valuemap morality "$D/answers.csv" --group model --table sheets -q --format tsv --no-comments | cut -f 1-8
