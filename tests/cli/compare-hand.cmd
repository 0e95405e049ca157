# exit 0
# Ten people and ten personas whose shares are p = (.1, .4, .5, 0) and q = (.3, .3, .3, .1): total variation .3,
# Wasserstein-1 .4 steps, Jensen-Shannon .1111409 bit, F_ST .0370370, Hellinger .3051007 (scipy, by hand). The second item
# is the same on both sides, in the inverted coding for the personas: 0 everywhere. The third one has no order.
. "$LIB"
{
  echo country,Q46,Q47,Q154
  printf 'SWE,%s,1,1\n' 1 2 2 2 2
  printf 'SWE,%s,5,2\n' 3 3 3 3 3
} >people.csv
{
  echo country,Q46,Q47P,Q154
  printf 'SWE,%s,1,1\n' 1 1 1 2 2
  printf 'SWE,%s,5,3\n' 2 3 3 3 4
} >personas.csv
valuemap compare people.csv personas.csv --by country --codebook wvs7 --items Q46,Q47,Q154 --metrics all --levels all \
  --replicates 0 --format tsv >all.tsv
columns all.tsv level item n_human n_persona tv w1 w1_scaled jsd cf_st hellinger overlap ks mean_difference
valuemap compare people.csv personas.csv --codebook wvs7 --items Q46,Q47 --metrics jsd,js_distance --base e --replicates 0 -q --format tsv
valuemap compare people.csv personas.csv --codebook wvs7 --items Q46,Q47,Q154 --table compared_items -q --format tsv
