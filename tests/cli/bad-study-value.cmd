# exit 78
printf 'version: 1\ntitle: T\nspace: iw2023\nbootstrap: 1\n' >s.yaml
valuemap run s.yaml -o out
