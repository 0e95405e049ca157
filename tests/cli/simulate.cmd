# exit 0
# The same options give the same bytes, other seeds others; every file has its mark.
valuemap simulate --countries 2 --respondents 5 --personas 3 --seed 9 -o a
valuemap simulate --countries 2 --respondents 5 --personas 3 --seed 9 -q -o b
valuemap simulate --countries 2 --respondents 5 --personas 3 --seed 8 -q -o c
diff -r a b && echo same
cmp -s a/human.csv c/human.csv || echo other
wc -l a/*.csv | sed 's/^ *//'
for file in a/*.csv; do
  awk -F , 'NR == 1 { print $NF; next } $NF != 1 { print "no mark" }' $file
done
grep -c SIMULATED a/study.yaml
valuemap simulate --models 0 --without Q164 -q -o d
ls d
