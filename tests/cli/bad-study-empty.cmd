# exit 78
: >s.yaml
valuemap run s.yaml -o out
