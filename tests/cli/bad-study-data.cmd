# exit 65
# The study is readable, the data are not: 65, not 78.
printf 'Q164,Q182\n1,"2\n' >a.csv
printf 'version: 1\ntitle: T\nspace: iw2023\npersonas: {files: [{file: a.csv}]}\n' >s.yaml
valuemap run s.yaml -o out
