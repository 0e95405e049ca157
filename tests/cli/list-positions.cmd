# exit 0
# 407 country-years; the latest of four countries.
. "$LIB"
valuemap list positions >a.tsv
rows a.tsv | wc -l
columns a.tsv space country name year survself tradrat | grep -E '(SWE|JPN) .* (2017|2019)|IND .* 2012|NIR'
