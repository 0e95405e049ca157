# exit 66
valuemap run no/study.yaml -o out
