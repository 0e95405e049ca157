# exit 78
printf 'version: 1\ntitle: T\n' >s.yaml
valuemap run s.yaml -o out
