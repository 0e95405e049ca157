# exit 64
. "$LIB"
set -- --matrix "$SOURCE/datasets/factor-thurstone/correlations.csv" -k 3
try valuemap factor "$@" --like sas
valuemap factor "$@" --why
