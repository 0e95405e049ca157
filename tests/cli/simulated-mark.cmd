# exit 0
# Every file made from simulated data says so.
valuemap run ../sim/study.yaml -o out
for file in out/tables/*.tsv out/report.html; do
  grep -q SIMULATED "$file" || echo "no mark in $file"
done
grep -c 'SIMULATED' out/report.html | sed 's/.*/marked/'
grep '"simulated"' out/run.json out/space.json
# ... and what is made with the space that was fitted on them, too.
printf 'Q164,Q182\n1,2\n3,4\n' >real.csv
valuemap project real.csv --space out/space.json -o two -q
grep -L SIMULATED two/tables/*.tsv two/report.html
grep '"simulated"' two/run.json
# ... and simulated personas in a real space.
valuemap project ../sim/persona.csv -o four -q
grep -L SIMULATED four/tables/*.tsv four/report.html
grep '"simulated"' four/run.json
# Nothing else is marked.
valuemap project real.csv -o three -q
grep -l SIMULATED -r three
grep '"simulated"' three/run.json
