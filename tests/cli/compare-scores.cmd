# exit 0
# Scores with intervals: the same bytes for one thread and two; identical sides may be alike, far ones surely are not; a persona's
# repeated answers count once; without replicates there are no intervals.
. "$LIB"
echo country,Q46,Q47 >people.csv
awk 'BEGIN { for (i = 0; i < 200; i++) print "SWE," i % 4 + 1 "," i % 5 + 1 }' >>people.csv
{
  echo model,country,persona,Q46,Q47
  awk 'BEGIN { for (i = 0; i < 200; i++) print "same,SWE," i "," i % 4 + 1 "," i % 5 + 1
    for (i = 0; i < 200; i++) print "far,SWE," i ",1,1"
    for (i = 0; i < 200; i++) print "repeats,SWE," i % 4 "," i % 4 + 1 "," i % 5 + 1 }'
} >personas.csv
options='--codebook wvs7 --items Q46,Q47 --by country --levels country -q --format tsv'
valuemap compare people.csv personas.csv $options --table scores --persona persona --replicates 199 --threads 1 >one.tsv
valuemap compare people.csv personas.csv $options --table scores --persona persona --replicates 199 --threads 2 | cmp one.tsv -
columns one.tsv series distance distance_lo distance_hi representativeness_lo representativeness_hi similarity_2 similarity_2_lo similarity_2_hi
grep note one.tsv
valuemap compare people.csv personas.csv $options --table scores --replicates 0 --no-comments >none.tsv
columns none.tsv series distance distance_lo similarity_e_hi
valuemap compare people.csv personas.csv $options --table thresholds --replicates 199 --no-comments >curve.tsv
columns curve.tsv series threshold share share_lo share_hi | awk '$2 < .11 || $2 > .44'
