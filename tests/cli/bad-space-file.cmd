# exit 65
printf '{"format": "valuemap space",\n "version": 1,\n "name": }\n' >mine.json
valuemap project ../sim/persona.csv --space mine.json -o out
