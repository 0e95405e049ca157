# exit 66
valuemap project ../sim/persona.csv --space no/space.json -o out
