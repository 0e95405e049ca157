# exit 64
valuemap projcet answers.csv
