# exit 0
# A first line of numbers is no header; a symmetric matrix without names would pass for one of an item less.
. "$LIB"
printf '1,.5,.3\n.5,1,.4\n.3,.4,1\n' >bare.csv
try valuemap factor --matrix bare.csv --n 100 -k 1
try valuemap cluster --matrix bare.csv
try valuemap check bare.csv
printf '0,1,2\n1,0,3\n2,3,0\n' >increasing.csv
try valuemap factor --matrix increasing.csv --n 100 -k 1
try valuemap cluster --matrix increasing.csv
# as write.table() of R writes a matrix by default: read as such; answers of people are not
printf 'a\tb\tc\na\t1\t.5\t.3\nb\t.5\t1\t.4\nc\t.3\t.4\t1\n' >written.tsv
valuemap factor --matrix written.tsv --n 100 -k 1 --table factor_matrix --format tsv --no-comments --quiet
sed 's/1\t/0\t/; s/\t1$/\t0/' written.tsv >distances.tsv
valuemap cluster --matrix distances.tsv -k 2 --table clusters --format tsv --no-comments --quiet | cut -f 1-3
try valuemap factor written.tsv --items 'a,b,c' -k 1
