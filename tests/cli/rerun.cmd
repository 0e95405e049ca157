# exit 0
# A run with fewer tables removes the tables of an earlier run and keeps what others put there.
valuemap run ../sim/study.yaml -o out -q
echo mine >out/notes.txt
echo mine >out/tables/mine.tsv
ls out out/tables >before
valuemap project ../sim/persona.csv --group model -o out -q
ls out out/tables | diff before - | grep '^[<>]'
cat out/notes.txt out/tables/mine.tsv
