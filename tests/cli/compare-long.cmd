# exit 0
# The same answers in a wide file and in long form with repetitions; personas are clusters: a persona that always says the
# same counts once, one that says everything counts for what it says.
. "$LIB"
echo country,Q46,Q47 >people.csv
printf 'SWE,%s\n' 1,2 2,3 2,4 3,5 4,1 >>people.csv
{
  echo country,model,persona,rep,item,answer
  for persona in 1 2 3 4; do
    for rep in 1 2 3; do
      echo "SWE,m1,$persona,$rep,Q46,$persona"
      echo "SWE,m1,$persona,$rep,Q47,$(((persona + rep) % 5 + 1))"
    done
  done
} >long.csv
awk -F , 'NR == 1 { print "country,model,persona,rep,Q46,Q47"; next }
  $5 == "Q46" { a = $6; next } { print "SWE,m1," $3 "," $4 "," a "," $6 }' long.csv >wide.csv
options='--by country --codebook wvs7 --items Q46,Q47 --min-n 1 --replicates 0 --levels country --metrics w1,tv'
valuemap compare people.csv long.csv $options --persona persona -q --format tsv --no-comments >long.tsv
valuemap compare people.csv wide.csv $options --persona persona -q --format tsv --no-comments >wide.tsv
cmp long.tsv wide.tsv && columns long.tsv country series item n_human n_persona n_eff_persona w1 tv
valuemap compare people.csv wide.csv $options -q --format tsv --no-comments >rows.tsv
columns rows.tsv country series item n_persona n_eff_persona
