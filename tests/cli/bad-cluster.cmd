# exit 0
. "$LIB"
printf 'unit,a,b\na,0,1\nb,1,0\nc,2,2\n' >ragged.csv
printf 'unit,a,b,c\na,0,1,2\nb,1,0,3\nx,2,3,0\n' >names.csv
printf 'unit,a,b,c\na,0,1,2\nb,4,0,3\nc,2,3,0\n' >uneven.csv
printf 'unit,a,b,c\na,0,1,2\nb,1,0,\nc,2,3,0\n' >hole.csv
printf 'x,y\n1,2\n3,4\n' >two.csv
try valuemap cluster --method kmenas
try valuemap cluster --metric cosin
try valuemap cluster --matrix ragged.csv
try valuemap cluster --matrix names.csv
try valuemap cluster --matrix uneven.csv
try valuemap cluster --matrix hole.csv
try valuemap cluster --matrix nowhere.csv
try valuemap cluster --matrix hole.csv --method kmeans
try valuemap cluster two.csv --columns z
try valuemap cluster two.csv --columns x --table nothing -q
try valuemap cluster two.csv --columns x -k 3 -q
try valuemap cluster --columns x
try valuemap cluster --unit respondents
try valuemap cluster --of nothing
try valuemap cluster --of items
try valuemap cluster --by zone
try valuemap cluster -k 0
try valuemap cluster --study ../sim/study.yaml --space iw2023
try valuemap cluster --study nowhere.yaml
valuemap cluster "$SOURCE/docs/examples/distances.csv" --columns Ada --where 'Ada > 1' -q || echo $?
valuemap cluster --matrix "$SOURCE/docs/examples/distances.csv" --zones none -q || echo $?
valuemap cluster --matrix "$SOURCE/docs/examples/distances.csv" --unit-weights n -q || echo $?
valuemap distance --between zone --nearest 3 -q || echo $?
printf 'x\n1\n' >single.csv
try valuemap cluster single.csv --columns x -q
try valuemap cluster ../sim/persona.csv -q
try valuemap cluster two.csv --columns x -o -
printf 'x,y\n1,2\n3,\n5,1\n' >gap.csv
try valuemap cluster gap.csv --columns x,y --references 0 --divisions 0 --resamples 0 --table clusters --no-comments
printf 'x,y\n1,\n,3\n' >gaps.csv
try valuemap cluster gaps.csv --columns x,y
