# exit 0
# The bundled study: the same numbers as the command, its own title; what a study of morality cannot have.
. "$LIB"
D=$SOURCE/datasets/morality-llm-personas
sed "s|answers.csv|$D/answers.csv|; s|human_means.csv|$D/human_means.csv|; s|9999|99|" "$D/study.yaml" >study.yaml
valuemap run study.yaml -q -o out
grep -o '<h1>[^<]*</h1>' out/report.html
valuemap morality "$D/answers.csv" --group model,persona --human "$D/human_means.csv" --culture iw2023 --permutations 99 -q -o two
for t in mapping mapping_compare galton calibration; do
  grep -v '^#' out/tables/$t.tsv >a
  grep -v '^#' two/tables/$t.tsv | cmp - a
done
ls out/figures | grep gp
printf 'version: 1\ntitle: t\nspace: iw2023\npersonas: {files: [{file: a.csv}]}\nmorality: {key: mfq2}\n' >both.yaml
valuemap run both.yaml -q || echo status $?
printf 'version: 1\ntitle: t\npersonas: {files: [{file: a.csv}]}\nmorality: {keys: mfq2}\n' >unknown.yaml
valuemap run unknown.yaml -q || echo status $?
