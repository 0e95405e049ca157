# exit 0
# Groups that one side lacks, pairs with too few answers, a series that refuses everything: all of it is listed.
. "$LIB"
cat >people.csv <<'EOF'
country,sex,Q46,Q47
SWE,f,1,1
SWE,f,2,2
SWE,m,2,5
SWE,m,-2,4
EGY,f,4,3
FRA,f,1,1
,f,1,1
EOF
cat >personas.csv <<'EOF'
llm,nation,gender,Q46,Q47
a,SWE,f,1,1
a,SWE,f,3,2
a,SWE,m,2,9
b,SWE,f,-1,-1
b,SWE,m,-1,1
a,EGY,f,4,3
a,JPN,f,4,3
EOF
options='--by country,sex --persona-by nation,gender --series llm --codebook wvs7 --items Q46,Q47 --min-n 1 --replicates 0 --metrics w1,tv'
valuemap compare people.csv personas.csv $options --format tsv
for table in unmatched refusals; do
  valuemap compare people.csv personas.csv $options --table $table -q --format tsv
done
