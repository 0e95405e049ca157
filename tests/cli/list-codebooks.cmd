# exit 0
valuemap list codebooks --format text
