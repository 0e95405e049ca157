# exit 0
# Columns without a codebook, their scale given by --valid; names that a built-in codebook has too, with other answers.
. "$LIB"
printf 'country,v1,v2\nDE,1,7\nDE,2,6\nDE,2,-1\nUS,7,1\nUS,5,1\nUS,5,4\n' >people.csv
printf 'country,v1,v2\nDE,1,7\nDE,1,7\nDE,2,7\nUS,7,2\nUS,7,2\nUS,6,2\n' >personas.csv
set -- --replicates 0 --min-n 1 --format tsv --no-comments
# by hand: DE v1 people 1/3 on 1 and 2/3 on 2, personas 2/3 and 1/3: tv 1/3, w1 1/3; v2 people 1/2 on 6 and on 7, all personas on 7
valuemap compare people.csv personas.csv --by country --items 'v*' --valid 1..7 --metrics tv,w1 --levels country --quiet "$@"
try valuemap compare people.csv personas.csv "$@"
try valuemap compare people.csv personas.csv --items 'v*' "$@"
try valuemap compare people.csv personas.csv --items 'w*' --valid 1..7 "$@"
try valuemap compare people.csv personas.csv --valid 1..7 "$@"
try valuemap compare people.csv personas.csv --items 'v*' --valid 1..7 --codebook evs2017 "$@"
try valuemap convert people.csv -o clean.csv
test -e clean.csv && echo "clean.csv is there"
valuemap check people.csv --no-comments --quiet | grep guess
try valuemap compare people.csv personas.csv --items 'v*' --codebook evs2017 "$@"
