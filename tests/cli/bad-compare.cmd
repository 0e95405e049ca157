# exit 64
# One sentence each: what is wrong, where, and what is allowed. The last one is a usage error.
try() { # title, arguments
  echo "== $1"
  shift
  valuemap compare "$@" -q --format tsv
  echo "status $?"
}
echo country,Q46,Q47 >people.csv
printf 'SWE,%s\n' 1,2 2,3 >>people.csv
sed 's/SWE/Sweden/' people.csv >other.csv
echo country,Q48,Q49 >items.csv
printf 'SWE,%s\n' 1,2 2,3 >>items.csv
printf 'country,Q46,Q47\nSWE,-1,-1\n' >refused.csv
cp people.csv personas.csv
printf 'country,Q46,Q47\nSWE,often,1\n' >broken.csv
printf 'country,Q46,Q47,w\nSWE,1,1,-2\n' >weighted.csv
W='--codebook wvs7'
printf 'Q46,Q46\n1,2\n' >twice.csv
printf 'a-b,a_b\n1,2\n' >alike.csv
try 'valid backwards' people.csv personas.csv --items 'Q*' --valid 4..1
try 'column twice' twice.csv personas.csv --items Q46 --valid 1..4
try 'columns that become one item' alike.csv personas.csv --items 'a*' --valid 1..4
try 'one item is enough' people.csv personas.csv --items Q46 --valid 1..4 --min-n 1 --replicates 0 --no-comments
try 'unknown metric' people.csv personas.csv $W --metrics w3
try 'metric twice' people.csv personas.csv $W --metrics tv,tv
try 'unknown item' people.csv personas.csv $W --items Q466
try 'unknown level' people.csv personas.csv $W --by country --levels sex
try 'unknown column' people.csv personas.csv $W --by contry
try 'persona-by' people.csv personas.csv $W --by country --persona-by country,Q46
try 'base' people.csv personas.csv $W --base 10
try 'composition' people.csv personas.csv $W --composition people
try 'floor' people.csv personas.csv $W --floor people2
try 'adjust' people.csv personas.csv $W --adjust bho
try 'one name' people.csv personas.csv $W --names people
try 'factors' people.csv personas.csv $W --factors 0
try 'replicates' people.csv personas.csv $W --replicates 5
try 'margin of no metric' people.csv personas.csv $W --margin kl=.1
try 'margin without a number' people.csv personas.csv $W --margin tv=small
try 'margin 0' people.csv personas.csv $W --margin 0
try 'margin twice' people.csv personas.csv $W --margin tv=.1,tv=.2
try 'no group in common' people.csv other.csv $W --by country
try 'no item in common' people.csv items.csv $W
try 'everything refused' people.csv refused.csv $W --min-n 1
try 'below the minimum' people.csv personas.csv $W
try 'unknown table' people.csv personas.csv $W --table x --min-n 1
try 'a bad cell' people.csv broken.csv $W
try 'negative weight' weighted.csv personas.csv $W --weight w --min-n 1
try 'no file' people.csv nothing.csv $W
valuemap compare people.csv
