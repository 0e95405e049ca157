# exit 0
# Positions of personas against the official ones: the slope of countries on personas and their correlation, found again from
# the tables groups (position of the personas) and target (minus that of the country).
. "$LIB"
valuemap run "$SOURCE/datasets/compare-llm-personas/official.yaml" --quiet -o out
columns out/tables/calibration.tsv model axis groups bias r spearman slope share
awk -F '\t' '
  FNR == NR { if ($0 !~ /^#/ && !n) { for (i = 1; i <= NF; i++) at[$i] = i; n = NF } place[$at["model"] " " $at["B_COUNTRY_ALPHA"]] = $at["survself"]; next }
  /^#/ { next }
  !m { for (i = 1; i <= NF; i++) to[$i] = i; m = NF; next }
  { d = $to["survself_difference"]; k = $to["model"]; if (d == "NA") next
    x = place[k " " $to["B_COUNTRY_ALPHA"]]; y = x - d
    c[k]++; sx[k] += x; sy[k] += y; sxx[k] += x * x; syy[k] += y * y; sxy[k] += x * y }
  END { for (k in c) { a = sxy[k] - sx[k] * sy[k] / c[k]; b = sxx[k] - sx[k]^2 / c[k]; e = syy[k] - sy[k]^2 / c[k]
    printf "%s %d bias %.3f r %.3f slope %.3f\n", k, c[k], (sx[k] - sy[k]) / c[k], a / sqrt(b * e), a / b } }' \
  out/tables/groups.tsv out/tables/target.tsv | sort
