# exit 0
valuemap project ../sim/persona.csv --group model -q --no-comments -o out
grep -l '^#' -r out/tables
valuemap project ../sim/persona.csv --group model -q --no-comments | grep -c '^#'
true
