# exit 0
# A country may be named by code, number or name; the column most of whose labels are countries is it.
. "$LIB"
printf 'm,c,Q164,Q182\n1,SWE,3,4\n1,752,5,6\n1,Sweden,7,8\n1,sweden,1,1\n1,Atlantis,1,2\n' >a.csv
valuemap project a.csv --group m,c -o out
columns out/tables/target.tsv c target of target_name
# A model that has the name of a country is no country when the option says so.
printf 'm,c,Q164,Q182\nSWE,JPN,3,4\nUSA,JPN,5,6\n' >b.csv
valuemap project b.csv --group m,c --target m -o two -q
columns two/tables/target.tsv m c target target_name
# A country that is not there is not left out in silence.
valuemap plot b.csv --group m,c --highlight JPN,Nippon >/dev/null
