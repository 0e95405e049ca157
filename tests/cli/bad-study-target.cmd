# exit 78
printf 'version: 1\ntitle: T\nspace: iw2023\npersonas: {files: [{file: ../sim/persona.csv}], group: [model], target: country}\n' >s.yaml
valuemap run s.yaml -o out
