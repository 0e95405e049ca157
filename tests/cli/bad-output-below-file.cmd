# exit 74
echo >taken
valuemap project ../sim/persona.csv -q -o taken/below
