# exit 0
# Words that an option does not know: named with those that it knows, before any work.
. "$LIB"
for option in '--format xml' '--affine wvs2' '--incomplete maybe' '--delimiter x' '--decimal x' '--text x' \
  '--size big' '--target country' '--min-items 0' '--min-items 11' '--bootstrap 1' '--nearest 1.5' '--threads 65' '--seed 0'; do
  try valuemap project ../sim/persona.csv --group model $option -o out
done
try valuemap fit ../sim/human.csv --missing maybe -o out
try valuemap fit ../sim/human.csv --name 'a b' -o out
try valuemap fit ../sim/human.csv --axes 11 -o out
try valuemap list planets
try valuemap help planets
try valuemap help clustr
try valuemap simulate
try valuemap simulate --countries 67 -o out
try valuemap simulate --missing 0.95 -o out
try valuemap simulate --without Q2544 -o out
ls
