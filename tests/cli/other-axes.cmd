# exit 0
# Spaces that are not the Inglehart-Welzel map: one axis, three axes, another codebook.
. "$LIB"
cut -d , -f 1-7,9-13 ../sim/persona.csv >few.csv
for axes in 1 3; do
  valuemap fit ../sim/human.csv --axes $axes --group B_COUNTRY_ALPHA -o fit$axes -q
  head -n 5 fit$axes/tables/groups.tsv | sed -n 's/.*\(affine [a-z0-9]*\).*/\1/p'
  valuemap project few.csv --space fit$axes/space.json --group model -o project$axes 2>&1 |
    grep 'misses answers' | sed 's/[0-9]* %/N %/g' | cut -c 1-170
  grep -q 'dimensions are disputed' project$axes/report.html && echo 'a caution'
done
cat >mine.yaml <<'END'
version: 1
name: mine
title: Three questions
items:
  - {name: A, label: First, valid: 1..10, columns: [{name: Q164}]}
  - {name: B, label: Second, valid: 1..10, columns: [{name: Q182}]}
  - {name: C, label: Third, valid: 1..10, columns: [{name: Q184}]}
END
valuemap fit ../sim/human.csv --codebook mine.yaml --group B_COUNTRY_ALPHA --name mine -o own
columns own/tables/eigenvalues.tsv component
columns own/tables/groups.tsv B_COUNTRY_ALPHA n
grep -q 'dimensions are disputed' own/report.html && echo 'a caution'
valuemap project ../sim/persona.csv --space own/space.json --group model,B_COUNTRY_ALPHA -o personas -q
columns personas/tables/shrinkage.tsv model axis groups basis
valuemap fit ../sim/human.csv --group B_COUNTRY_ALPHA -o map -q
grep -q 'dimensions are disputed' map/report.html && echo 'a caution'
