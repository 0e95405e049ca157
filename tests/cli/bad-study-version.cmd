# exit 78
printf 'version: 2\ntitle: T\nspace: iw2023\n' >s.yaml
valuemap run s.yaml -o out
