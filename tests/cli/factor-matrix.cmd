# exit 0
# A matrix with the respondents behind each pair: the same as the answers that it was made of.
. "$LIB"
b="$SOURCE/datasets/factor-bfi"
valuemap factor "$b/bfi.csv" --codebook "$b/codebook.yaml" --items 'A*,N*' -k 2 --sets 5 --quiet --format tsv --no-comments \
  --table factor_pairs >pairs
# column C of the pairs as the lower triangle of a matrix
triangle() {
  awk -F '\t' -v c="$1" -v one="$2" '
    NR == 1 { next }
    !($1 in at) { at[$1] = ++p; name[p] = $1 }
    !($2 in at) { at[$2] = ++p; name[p] = $2 }
    { x[at[$2], at[$1]] = $c }
    END {
      line = "item"
      for (i = 1; i <= p; i++) line = line "," name[i]
      print line
      for (i = 1; i <= p; i++) {
        line = name[i]
        for (j = 1; j <= p; j++) line = line "," (j < i ? x[i, j] : j == i ? one : "")
        print line
      }
    }' pairs
}
triangle 3 1 >r.csv
triangle 5 "" >n.csv
head -n 4 n.csv
set -- -k 2 --sets 5 --format tsv --no-comments --table factor_fit
valuemap factor "$b/bfi.csv" --codebook "$b/codebook.yaml" --items 'A*,N*' --quiet "$@" >one
try valuemap factor --matrix r.csv --n n.csv "$@" >two 2>&1
sed -n '1,2p' two
grep -v -e valuemap -e '^\[' two >three
near one three 1e-6
valuemap factor --matrix r.csv --n n.csv -k 1 --items A1,A3,N2 --sets 5 --quiet --table factor_pairs --format tsv --no-comments | cut -f 1-4
sed 's/^A3,[0-9.]*/A3,2/' n.csv >few.csv
try valuemap factor --matrix r.csv --n few.csv "$@"
sed 's/^A3,[0-9.]*/A3,/' n.csv >gap.csv
try valuemap factor --matrix r.csv --n gap.csv "$@"
sed 's/^A3,[0-9.]*/A3,many/' n.csv >word.csv
try valuemap factor --matrix r.csv --n word.csv "$@"
sed '/^N5/d' n.csv | cut -d , -f 1-10 >short.csv
try valuemap factor --matrix r.csv --n short.csv "$@"
try valuemap factor --matrix r.csv --n nowhere.csv "$@"
try valuemap factor --matrix r.csv --n 2 "$@"
try valuemap factor --matrix r.csv --n 1e13 "$@"
