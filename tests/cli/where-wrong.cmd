# exit 0
# What is wrong with a condition, a recode or a rule for weights, and where.
. "$LIB"
printf 'land,w,Q262,Q164,Q182\na,1,17,3,4\na,2,25,5,6\nb,1,70,2,3\n' >a.csv
printf 'country\na\n' >one.csv
printf 'country,people\na,0\nb,1\n' >zero.csv
printf 'country,people\na,5\n' >short.csv
project() { try valuemap project a.csv -q "$@" 2>&1; }
project --where 'Q262 >> 18'
project --where 'Q262 >= 18 and'
project --where "land = 'a"
project --where 'land in (a, b'
project --where ''
project --where 'Q626 > 18'
project --where 'Q262 > 100'
project --recode 'age=Q262'
project --recode 'age=Q262:18-29,29-40'
project --recode 'age=Q999:18-29' --group age
project --weights equal-country
project --weights halves
project --weights population --group land
project --population short.csv --group land
project --population zero.csv --group land
project --population one.csv --group land
project --population none.csv --group land
project --weights equal-country --population short.csv --group land
project --trim 0.5
project --weights equal-country --weight-by contry
