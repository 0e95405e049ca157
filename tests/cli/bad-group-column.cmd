# exit 66
valuemap project ../sim/persona.csv --group modle -o out
