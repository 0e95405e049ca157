# exit 0
# Distances of clusters: of a matrix, of rows of a table, of zones of a space; what is not known is refused.
. "$LIB"
cat >table.csv <<'END'
who,team,x1,x2
a,red,1,2
b,red,3,2
c,red,2,1
d,blue,12,11
e,blue,11,13
f,blue,12,12
END
valuemap distance --matrix "$SOURCE/docs/examples/distances.csv" -m average --between cluster -k 2 -q --distance all >matrix
columns matrix cluster to distance value low units of
valuemap distance table.csv --columns x1,x2 --by team --raw --between team --distance centroid,single -q --resamples 0 >table
columns table cluster kind to distance value low units units_to of
valuemap distance --between zone,cluster -k 2 --distance centroid -q >zones
columns zones cluster kind to of | head -n 4
valuemap distance --between cluster -q -o out
ls out/tables out/figures
valuemap distance --matrix "$SOURCE/docs/examples/distances.csv" --between cluster --distance centroid -q || echo $?
valuemap distance --between religion -q || echo $?
valuemap distance --between zone --distance far -q || echo $?
valuemap distance --between a,b,c -q || echo $?
valuemap distance -k 3 -q || echo $?
valuemap distance -q || echo $?
