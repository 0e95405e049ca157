# exit 0
# Nothing that a file, an option or a name holds drives the terminal: no control character but newline
# and tab arrives on standard error, no C1 code, no direction mark.
evil=$(printf 'e\033[31m\007\302\233x\342\200\256')
cp ../sim/persona.csv "$evil.csv"
printf '"%s",Q164,Q182\n"%s",1,2\n"%s",x,2\n' "$evil" "$evil" "$evil" >label.csv
printf 'version: 1\ntitle: %s\n' "$evil" >study.yaml
{
  valuemap "$evil"
  valuemap help "$evil"
  valuemap list "$evil"
  valuemap project "--$evil" a.csv
  valuemap project "-$evil" a.csv
  valuemap project "$evil"
  valuemap project "$evil.csv" --group "$evil"
  valuemap project "$evil.csv" --codebook "$evil"
  valuemap project "$evil.csv" --space "$evil"
  valuemap project "$evil.csv" --space "$evil.json"
  valuemap project "$evil.csv" --zones "$evil"
  valuemap project "$evil.csv" --affine "$evil"
  valuemap project "$evil.csv" --set "$evil" -o "$evil"
  valuemap project "$evil.csv" -o "$evil.csv"
  valuemap project label.csv --group "$evil"
  valuemap project label.csv --group "$evil" --text missing -o out
  valuemap run study.yaml
  valuemap fit "$evil.csv" --name "$evil"
  valuemap simulate -o "$evil/sim" --models 0
} >out.txt 2>err.txt
wc -l <err.txt
for file in err.txt out.txt; do
  tr -d '\n\t\040-\176\200-\377' <$file | wc -c
  grep -c -e "$(printf '\302\233')" -e "$(printf '\342\200\256')" $file
done
cat out/tables/*.tsv out/report.html | tr -d '\n\t\040-\176\200-\377' | wc -c
true
