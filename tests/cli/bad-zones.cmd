# exit 66
valuemap project ../sim/persona.csv --zones 1999 -o out
