# exit 0
. "$LIB"
m() { printf "$1" >m.csv; shift; try valuemap factor --quiet "$@" 2>&1; }
m 'a,b,c,d\n1,2,3,4\n2,1,4,x\n3,4,5,5\n4,3,5,2\n' m.csv --items a,b,c,d
m 'a,b,c,d\n1,2,3,4\n2,1,3,5\n' m.csv --items '*'
m 'a,b,c,d,e\n1,2,3,2,5\n2,1,3,4,5\n3,3,6,6,7\n5,1,6,10,2\n4,4,8,8,3\n6,2,8,12,9\n' m.csv --items '*' -k 1 -x ml
m 'a,b,c\n1,,3\n2,,3\n,4,4\n,2,7\n3,,5\n,6,1\n' m.csv --items '*' -k 1
m 'a,b,c,d\n1,1,3,4\n2,1,4,1\n3,1,5,5\n4,1,5,2\n' m.csv --items '*'
m 'a,b,c,d\n1,2,3,4\n2,1,4,1\n3,3,5,5\n4,2,5,2\n' m.csv
m 'a,b,c,d\n1,2,3,4\n2,1,4,1\n3,3,5,5\n4,2,5,2\n' m.csv --items a,bb
m 'v,a,b,c\na,1,.5,.3\nb,.4,1,.2\nc,.3,.2,1\n' --matrix m.csv -n 100
m 'v,a,b,c\na,1,.9,-.9\nb,.9,1,.9\nc,-.9,.9,1\n' --matrix m.csv -n 100
m 'v,a,b,c\na,1,1.5,.3\nb,1.5,1,.2\nc,.3,.2,1\n' --matrix m.csv -n 100
m 'v,a,b,c\na,1,.5,.3\nx,.5,1,.2\nc,.3,.2,1\n' --matrix m.csv -n 100
m 'v,a,b,c\na,1,.5,.3\nb,.5,-1,.2\nc,.3,.2,1\n' --matrix m.csv -n 100
m 'v,a,b\na,1,.5\nb,.5,1\nc,.5,.3\n' --matrix m.csv -n 100
m 'v,a,b,c\na,1,,.3\nb,,1,.2\nc,.3,.2,1\n' --matrix m.csv -n 100
m 'v,a,b,c\na,4,1,.3\nb,,9,.2\nc,,,1\n' --matrix m.csv
try valuemap factor --matrix m.csv -n 100 -k 2
try valuemap factor --matrix m.csv -n 100 -k two
try valuemap factor --matrix m.csv -n 100 -k 0
try valuemap factor --matrix m.csv -n 100 -x dwls
try valuemap factor --matrix m.csv -n 100 -m geomin --gamma 0
try valuemap factor --matrix m.csv -n 100 -m target
try valuemap factor --matrix m.csv -n 100 -r polychoric
try valuemap factor --matrix m.csv -n 100 --sort size
try valuemap factor --matrix m.csv -n 100 --normalize maybe
try valuemap factor --matrix m.csv -n 100 --scores best
try valuemap factor --matrix m.csv -n 100 --quiet -k 1 --table nothing
try valuemap factor m.csv --items '*' --missing em -r spearman
try valuemap factor
try valuemap factor --matrix m.csv -n 100 --replicates 10
try valuemap factor m.csv --items '*' --strata a
try valuemap factor m.csv --items '*' --replicates 10 -m oblimin --align orthogonal
try valuemap factor --matrix m.csv -n 100 --by a
try valuemap factor m.csv --items '*' --against-by a
try valuemap factor m.csv --items '*' --procrustes free
printf 'a,b,c,d\n1,2,3,4\n2,1,4,1\n3,3,5,5\n4,2,5,2\n5,1,1,3\n2,2,2,2\n' >m.csv
printf 'a,b,d\n1,2,3\n2,1,4\n3,3,5\n' >other.csv
try valuemap factor m.csv --items '*' -k 1 --quiet --against other.csv
try valuemap factor m.csv --items 'a,b,c' -k 1 --quiet --by country
# quotes, symbols for missing answers, more items than respondents, tests that cannot be had
m 'a,b,c,d\n1,2,3,4\n2,"1,3,5\n3,1,2,2\n4,4,4,5\n' m.csv --items 'a,b'
m 'a,"b,c,d\n1,2,3,4\n2,1,3,5\n3,1,2,2\n' m.csv --items '*'
m 'v,a,b,c\na,1,.5,.3\nb,".5,1,.2\nc,.3,.2,1\n' --matrix m.csv -n 100
m 'v,a,b,c\na,1,.5,.3\nb,.5,1,x\nc,.3,.2,1\n' --matrix m.csv -n 100
m 'v,a,b,a\na,1,.9,.1\nb,.9,1,.9\na,.1,.9,1\n' --matrix m.csv -n 100 -k 1
m 'a,b,c,d\n1,2,3,4\n2,1,3,5\n3,1,2,2\n4,4,4,inf\n' m.csv --items '*' -k 1
m 'a,b,c\n1,2,3\n' m.csv --items '*'
m 'a,b\n1,2\n2,1\n3,3\n' m.csv --items '*'
m 'a,b,c,d,e,f\n1,2,3,4,2,1\n2,1,3,5,4,4\n3,1,2,2,1,6\n5,2,1,3,3,2\n' m.csv --items '*' -o all
grep -i -c -w -e nan -e inf all/tables/*.tsv | grep -v ':0$'
m 'v,a,b,c\na,1,.5,.3\nb,.5,1,.2\nc,.3,.2,1\n' --matrix m.csv -n 1
m 'v,a,b,c\na,1,.5,.3\nb,.5,1,.2\nc,.3,.2,1\n' --matrix m.csv -n 3 -k 9
