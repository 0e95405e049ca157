# exit 0
# One table in every format; numbers are looked at elsewhere.
. "$LIB"
printf 'c,Q164,Q182\na,3,4\nb,5,6\nb,7,8\n' >a.csv
for format in tsv csv json md latex html text; do
  valuemap distance a.csv --group c --nearest 1 -q -f $format --no-comments | cut -c 1-24 | sed -n '1,3p'
done
