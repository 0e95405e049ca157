# exit 0
# All tables in a folder; a column of the file without a codebook; a Heywood case is seen everywhere.
. "$LIB"
valuemap factor "$SOURCE/datasets/factor-holzinger-swineford/scores.csv" --items 't0*' -k 3 -m promax --sets 20 --quiet -o out
ls out out/tables
ls out/figures/*.gp
cat >heywood.csv <<'END'
item,a,b,c,d
a,1,,,
b,.8,1,,
c,.8,.5,1,
d,.2,.1,.1,1
END
try valuemap factor --matrix heywood.csv --n 100 -k 1 --sets 10 --format text
for table in factor_fit factor_weights factor_run; do
  valuemap factor --matrix heywood.csv --n 100 -k 1 --sets 10 --quiet --format md --table $table | grep CAUTION
done
try valuemap factor --matrix heywood.csv --n 100 -k 1 -x paf --iterations 3 --sets 10 --format text
# the explanation is a file of the folder too, and what is printed
valuemap factor --matrix heywood.csv --n 100 -k 1 --sets 10 --quiet --explain -o told >printed
cmp printed told/explanation.txt && head -n 1 printed
grep -c 'explanation.txt' told/report.html
