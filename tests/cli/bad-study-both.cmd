# exit 78
printf 'version: 1\ntitle: T\nspace: iw2023\nhumans: {files: [{file: ../sim/human.csv}]}\n' >s.yaml
valuemap run s.yaml -o out
