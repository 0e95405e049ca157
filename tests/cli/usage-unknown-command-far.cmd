# exit 64
valuemap "$(printf 'frob\033[31mnicate')"
