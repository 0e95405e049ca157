# exit 0
# A group whose respondents answer too little has no numbers.
. "$LIB"
printf 'c,Q164,Q182\nfew,3,\nfew,,\nmore,5,6\nmore,7,8\n' >a.csv
valuemap project a.csv --group c -o out
columns out/tables/groups.tsv c n n_eff n_rows survself survself_se survself_share survself_sd_incomplete
columns out/tables/nearest.tsv c rank | sort | uniq -c | sed 's/^ *//'
