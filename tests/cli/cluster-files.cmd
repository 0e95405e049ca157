# exit 0
# Rows of a file, means of groups, a matrix of distances: two obvious clusters.
. "$LIB"
cat >table.csv <<'END'
who,team,x1,x2,fixed,other
a,red,1,2,5,9
a,red,3,2,5,9
b,red,2,1,5,
c,blue,12,11,5,3
d,blue,11,13,5,2
e,green,13,12,5,4
END
few="--references 10 --divisions 4 --resamples 4 --permutations 99"
valuemap cluster table.csv --columns 'x*,fixed,other' --group who --by team $few --table clusters >one
columns one unit cluster team x1 x2 fixed
valuemap cluster table.csv --columns x1 --raw -k 2 $few -q --table clusters >one
columns one unit cluster
valuemap cluster --matrix "$SOURCE/docs/examples/distances.csv" -m average $few -q --table tree >tree
columns tree merge left right height clusters
valuemap cluster --matrix "$SOURCE/docs/examples/distances.csv" -m pam -k 2 $few -q --table clusters >one
columns one unit cluster silhouette
valuemap cluster table.csv --columns x1,x2 --group who --metric manhattan -m complete -k 2 $few -q --table cluster_count >count
columns count k silhouette gap calinski
