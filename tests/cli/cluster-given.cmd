# exit 0
# Known groups from a file: compared with the clusters, used for distances; mistakes in the file.
. "$LIB"
few="--references 10 --divisions 4 --resamples 4 --permutations 99 -q"
matrix="--matrix $SOURCE/docs/examples/distances.csv"
printf 'who,religion,age\nAda,x,old\nBen,x,young\nCem,x,old\nDora,y,young\nEli,y,old\n' >known.csv
valuemap cluster $matrix --partition known.csv -m average -k 2 --table agreement $few >agreement
columns agreement given measure value n left_out | grep ' ari '
valuemap distance $matrix --partition known.csv --between religion --distance average -q --resamples 0 >distance
columns distance cluster kind to value units units_to
valuemap cluster --partition known.csv $few || echo $?
printf 'who,religion\nAda,x\nAda,y\n' >twice.csv
valuemap cluster $matrix --partition twice.csv $few || echo $?
cut -d , -f 1 known.csv >one.csv
valuemap cluster $matrix --partition one.csv $few || echo $?
printf 'country,zone\nSWE,north\n' >zone.csv
valuemap cluster --partition zone.csv $few || echo $?
printf 'country,north\nSWE,yes\nNOR,yes\nDNK,yes\nEGY,no\n' >north.csv
valuemap cluster --partition north.csv -k 2 --table agreement $few >agreement
columns agreement given measure n left_out | grep ' ari '
# in a study the file is named relative to it
mkdir -p study
printf 'country,north\nSWE,yes\nNOR,yes\nDNK,yes\nEGY,no\n' >study/north.csv
printf 'version: 1\ntitle: North\nspace: iw2023\nseed: 5\ncluster: [partition=north.csv, clusters=2, references=0, divisions=0, resamples=0, permutations=99]\n' >study/study.yaml
valuemap run study/study.yaml -o out -q
columns out/tables/agreement.tsv given measure n left_out | grep ' ari '
grep -o 'north.csv' out/*.json | sort -u
sed 's/north.csv/south.csv/' study/study.yaml >study/other.yaml
valuemap run study/other.yaml -o none -q || echo $?
test ! -e none
