# exit 0
# A draft says what the file says and asks about the rest; --codebook takes it.
. "$LIB"
cat >a.csv <<'X'
id,land,"Q1: Trust: ""most"" people",Q2,Q 3,w,note
1001,SWE,1,-1,10,0.5,fine
1002,SWE,2,3,20,1.5,
1003,JPN,Don't know,5,,1.25,odd
1004,JPN,1,4,40,1,
X
valuemap codebook a.csv
valuemap codebook a.csv --name mine -o mine.yaml
valuemap check a.csv --codebook ./mine.yaml -q --no-comments
echo "-- labels of a statistical package"
valuemap convert a.csv --codebook ./mine.yaml -o a.sav -q
valuemap codebook a.sav
echo "-- codes far above the scale"
awk 'BEGIN { print "scale,short,age,few,mean"
  for (i = 0; i < 70; i++) printf "%d,%d,%d,%d,%d\n", i % 9 ? 1 + i % 10 : 98 + i % 2, i % 7 ? 1 + i % 4 : 9, i % 25 ? 90 + i % 8 : 99, 8 + i % 2, 1 + i % 9 }' >far.csv
valuemap codebook far.csv | sed -n '/^items/,$p'
echo "-- nothing there"
printf 'a,b\nx,y\n' >texts.csv
try valuemap codebook texts.csv 2>&1
try valuemap codebook none.csv 2>&1
try valuemap codebook 2>&1
