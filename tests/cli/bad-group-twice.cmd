# exit 64
valuemap project ../sim/persona.csv --group model,model -o out
