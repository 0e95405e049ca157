# exit 66
valuemap project ../sim/persona.csv --space iw2024 -o out
