# exit 0
valuemap list metrics --format tsv
