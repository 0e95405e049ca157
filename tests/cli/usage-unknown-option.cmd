# exit 64
valuemap project ../sim/persona.csv --gruop model -o out
