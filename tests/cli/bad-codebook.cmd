# exit 66
valuemap project ../sim/persona.csv --codebook iw-wvs8 -o out
