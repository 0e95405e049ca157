# exit 0
# A run that fails leaves an older folder as it was.
. "$LIB"
valuemap project ../sim/persona.csv --group model -o old -q
cp -r old copy
try valuemap project ../sim/persona.csv --group modle -o old -q
mkdir -p old/space.json
try valuemap fit ../sim/human.csv -o old -q
rmdir old/space.json
diff -r old copy && echo same
