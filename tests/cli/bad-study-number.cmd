# exit 78
printf 'version: 1\ntitle: T\nspace: iw2023\nseed: many\n' >s.yaml
valuemap run s.yaml -o out
