# exit 0
# Files with the same grouping columns are taken together; rows are numbered per file.
. "$LIB"
head -n 201 ../sim/persona.csv >one.csv
(head -n 1 ../sim/persona.csv; tail -n +202 ../sim/persona.csv) >two.csv
valuemap project ../sim/persona.csv --group model,B_COUNTRY_ALPHA -o whole -q
valuemap project one.csv two.csv --group model,B_COUNTRY_ALPHA -o parts -q
near whole/tables/groups.tsv parts/tables/groups.tsv 0
rows parts/tables/respondents.tsv | tail -n 1 | cut -f 1
