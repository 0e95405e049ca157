# exit 64
valuemap project ../sim/persona.csv -o out --group
