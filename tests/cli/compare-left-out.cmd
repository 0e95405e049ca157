# exit 65
# What cannot be compared is said, is in table unmatched, and stops a run only when nothing is left. One item is enough.
cat >codes.yaml <<'END'
version: 1
name: codes
title: Four made-up items
source: Made up
items:
  - {name: a, label: A, valid: 1..3, columns: [{name: a}]}
  - {name: one, label: One point, valid: 1..1, columns: [{name: one}]}
  - {name: gone, label: Only people have it, valid: 1..3, columns: [{name: gone}]}
  - {name: nominal, label: No order, valid: 1..3, scale: nominal, columns: [{name: nominal}]}
END
sed '/gone/d' codes.yaml | sed 's/name: codes/name: fewer/' >fewer.yaml
echo town,a,one,gone,nominal >people.csv
printf '%s\n' A,1,1,1,1 A,2,1,2,2 B,3,1,3,3 B,3,1,1,1 C,1,1,1,2 >>people.csv
echo town,a,one,nominal >personas.csv
printf '%s\n' A,1,1,1 A,2,1,1 B,2,1,1 B,2,1,2 D,1,1,2 >>personas.csv
try() { # title, options
  echo "== $1"
  shift
  valuemap compare people.csv personas.csv --codebook codes.yaml --min-n 1 -r 0 --format tsv --no-comments "$@" 2>&1 | grep -v 'delimiter'
}
try 'one item' --items a --metrics tv,w1
try 'one point, and an item that personas do not have' --items a,one,gone --table unmatched
try 'a codebook of its own for personas' --items a,gone --persona-codebook fewer.yaml --table unmatched
try 'groups without a counterpart' --items a --by town --table unmatched
try 'nothing is left' --items one,gone
try 'no order' --items nominal --metrics tv,ks
for table in pattern collapse structure checks; do
  try "no order: $table" --items nominal --by town --table $table --quiet
done
try 'no groups' --items a --table own_group --quiet
try 'two groups' --items a --by town --table nearest_groups --quiet
try 'one series' --items a --table model_tests --quiet
try 'one item: structure' --items a --table structure --quiet
try 'no variants' --items a --table steadiness --quiet
try 'no samples' --items a --table noise --quiet
valuemap compare people.csv personas.csv --codebook codes.yaml --min-n 1 -r 0 --items one --quiet
