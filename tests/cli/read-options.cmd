# exit 0
# A wrong word for how a file is read is refused by every command, also where nothing depends on it.
. "$LIB"
printf 'id,x,y\n1,1,2\n2,2,1\n3,3,4\n' >a.csv
try valuemap codebook a.csv --text mising
try valuemap check a.csv --answers txt
try valuemap convert a.csv --decimal ';'
try valuemap answers a.csv --delimiter tabs
try valuemap cluster a.csv --columns x,y --layout broad
try valuemap morality a.csv --text no
# A link is written through.
printf 'old\n' >own.yaml
ln -s own.yaml link.yaml
valuemap codebook a.csv -o link.yaml
[ -L link.yaml ] && sed -n 4p own.yaml
try valuemap codebook a.csv -o no/such/folder.yaml
