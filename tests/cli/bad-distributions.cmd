# exit 65
# A file of distributions needs its weight.
printf 'country,item,option,count\nJPN,Q164,1,10\nJPN,Q164,3,30\nJPN,Q182,7,40\n' >d.csv
valuemap project d.csv --group country --weight weight --quiet --no-comments 2>&1 | cut -f 1-3
valuemap project d.csv --group country
