# exit 0
# Fitted positions lie within 4 standard errors, the fit of the map included, of the truth.
. "$LIB"
valuemap fit ../sim/human.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA -o fit -q
rows fit/tables/groups.tsv >groups.tsv
awk -F '[,\t]' 'FNR == NR { x[$2] = $3; y[$2] = $4; next }
  FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  { g = $(at["B_COUNTRY_ALPHA"])
    dx = ($(at["survself"]) - x[g]) / $(at["survself_map_se"])
    dy = ($(at["tradrat"]) - y[g]) / $(at["tradrat_map_se"])
    print g, (dx * dx < 16 && dy * dy < 16 ? "near" : "far: " dx " " dy) }' ../sim/truth.csv groups.tsv
