# exit 0
# Scales lie on the covariances of the analysis. psych::alpha of N1 to N5 over the 2436 complete rows of the 25 items:
# .81694688, interval of Feldt .80519689 to .82819440; from their covariances (R's cov(), 15 digits) the same.
. "$LIB"
b="$SOURCE/datasets/factor-bfi"
scale() { awk -F '\t' '$1 == 1 { printf "%s %.8f %.8f %.8f\n", $2, $3, $4, $5 }'; }
valuemap factor "$b/bfi.csv" --items 'A*,C*,E*,N*,O*' -k 5 -m oblimin --missing listwise --sets 5 --quiet --format tsv --no-comments \
  --table scales | scale
cat >cov.tsv <<'END'
	N1	N2	N3	N4	N5
N1	2.48348877042851	1.73549006517568	1.42577541531376	1.01385059157133	0.973742594821686
N2	1.73549006517568	2.35081764632497	1.34490530475449	0.950224894886086	0.873197384880455
N3	1.42577541531376	1.34490530475449	2.5429864489873	1.30977314950621	1.11487408246595
N4	1.01385059157133	0.950224894886086	1.30977314950621	2.46374792216681	1.02676249144422
N5	0.973742594821686	0.873197384880455	1.11487408246595	1.02676249144422	2.63572423233968
END
valuemap factor --matrix cov.tsv --n 2436 -k 1 --sets 5 --quiet --format tsv --no-comments --table scales | scale
# With each pair's own respondents the interval has both ends, too (GSL's inverse of F is NaN here).
valuemap factor "$b/bfi.csv" --items 'A*,C*,E*,N*,O*' -k 5 -m oblimin --sets 5 --quiet --format tsv --no-comments --table scales |
  awk -F '\t' '/NA/ { print "a number is missing: " $0 }'
