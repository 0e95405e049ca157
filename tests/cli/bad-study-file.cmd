# exit 66
mkdir sub
printf 'version: 1\ntitle: T\nspace: iw2023\npersonas: {files: [{file: none.csv}]}\n' >sub/s.yaml
valuemap run sub/s.yaml -o out # relative to the study
