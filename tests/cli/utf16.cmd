# exit 0
# A file as spreadsheets save it: UTF-16 with a byte order mark.
. "$LIB"
{ printf '\377\376'; printf 'Q164,Q182,country\n1,2,C\303\264te\n' | iconv -f UTF-8 -t UTF-16LE; } >a.csv
valuemap project a.csv --group country 2>notes >a.tsv
sed 1q notes
columns a.tsv country n survself
