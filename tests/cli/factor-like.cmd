# exit 0
# Which choice of another program moves which loading; psych's own loadings of its defaults are in the unit tests.
. "$LIB"
set -- --matrix "$SOURCE/datasets/factor-harman74/correlations.csv" --n 145 -k 4 --sets 20 --quiet --format text
for program in spss psych stata factanal efatools; do
  try valuemap factor "$@" -x paf -m promax --like $program --why
done
try valuemap factor "$@" -x ml -m oblimin --like spss --why
try valuemap factor "$@" -x paf -m varimax --like stata --table factor_like
valuemap factor "$@" -x paf -m varimax --like psych | head -n 6
# --normalize and --power of the user are above the program's
valuemap factor "$@" -x paf -m promax --like stata --power 4 --normalize on | head -n 5
