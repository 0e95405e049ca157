# exit 66
valuemap fit ../sim/human.csv --weight W_WEIHGT -o out
