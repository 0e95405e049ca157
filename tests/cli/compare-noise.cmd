# exit 0
# Floor, interval, tests: the columns of the tables; the same bytes for one thread and two; identical sides are no farther
# apart than the floor, opposite ones are farther than any margin; repeated answers of the same persona count once.
. "$LIB"
echo country,Q46,Q47 >people.csv
awk 'BEGIN { for (i = 0; i < 200; i++) print "SWE," i % 4 + 1 "," i % 5 + 1 }' >>people.csv
{
  echo model,country,persona,Q46,Q47
  awk 'BEGIN { for (i = 0; i < 200; i++) print "same,SWE," i "," i % 4 + 1 "," i % 5 + 1
    for (i = 0; i < 200; i++) print "far,SWE," i ",1,1"
    for (i = 0; i < 200; i++) print "repeats,SWE," i % 4 "," i % 4 + 1 "," i % 5 + 1 }'
} >personas.csv
options='--codebook wvs7 --items Q46,Q47 --by country --levels country --margin .2 --replicates 199 -q --format tsv'
valuemap compare people.csv personas.csv $options --table noise --metrics w1_scaled,overlap --threads 1 >one.tsv
valuemap compare people.csv personas.csv $options --table noise --metrics w1_scaled,overlap --threads 2 | cmp one.tsv -
columns one.tsv series item metric value floor corrected low high p p_adj p_equivalent detectable
grep note one.tsv
valuemap compare people.csv personas.csv $options --metrics tv --persona persona --no-comments >clusters.tsv
columns clusters.tsv series item n_persona n_eff_persona tv tv_floor tv_lo tv_hi tv_p tv_p_adj
for floor in halves shuffled; do
  valuemap compare people.csv personas.csv $options --floor $floor --adjust holm --metrics tv >$floor.tsv
  columns $floor.tsv series item tv_floor tv_p_adj
done
# A margin for one metric and another for the rest.
valuemap compare people.csv personas.csv $options --margin tv=.9,.2 --metrics tv,w1_scaled --table noise |
  awk -F'\t' '!/^#/ { for (i = 1; i <= NF; i++) if ($i == "p_equivalent") p = i; if ($p != "p_equivalent") print $3, $4, $5, $p }'
