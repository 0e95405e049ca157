# exit 65
# Only the rows for which all conditions are true; an empty cell and a missing code are unknown.
. "$LIB"
printf 'model,rep,item,raw\ngpt,1,Q164,3\ngpt,2,Q164,-1\nllama,1,Q164,9\nllama,,Q182,"I say 3"\n' >long.csv
valuemap answers long.csv --where 'model = gpt and rep <= 1'
valuemap answers long.csv --quiet --where 'model != gpt' --where 'rep is missing'
valuemap answers long.csv --quiet --summary --where 'rep = 1' --no-comments
printf 'model,Q164,Q182\nm,3. yes,4\nn,,10\no,-1,3\n' >wide.csv
echo "-- wide: an item in a condition"
valuemap answers wide.csv --quiet --where 'Q164 is missing'
echo "-- several files: each is chosen from"
valuemap answers long.csv wide.csv --quiet --where 'model = gpt or model = m'
valuemap answers long.csv --where 'modl = gpt'
echo "[$?]"
valuemap answers long.csv --where 'model = = x'
echo "[$?]"
valuemap answers long.csv --quiet --where 'raw = -1'
