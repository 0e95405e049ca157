# exit 74
valuemap project ../sim/persona.csv -q -o /proc/no/where
