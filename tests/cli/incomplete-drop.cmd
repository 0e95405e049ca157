# exit 0
# With --incomplete drop the mean of a group is the weighted mean of its complete respondents.
. "$LIB"
valuemap fit ../sim/human.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA --incomplete drop -o fit -q
rows fit/tables/respondents.tsv >respondents.txt
cut -d , -f 3,6 ../sim/human.csv | tr , '\t' | paste respondents.txt - | awk -F '\t' '
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  $(at["items_used"]) == 10 {
    g = $(at["B_COUNTRY_ALPHA"]); v = $(at["W_WEIGHT"]); n[g]++; w[g] += v
    x[g] += v * $(at["survself"]); y[g] += v * $(at["tradrat"]) }
  END { for (g in n) printf "%s\t%d\t%.15g\t%.15g\n", g, n[g], x[g] / w[g], y[g] / w[g] }' |
  sort >mine.tsv
rows fit/tables/groups.tsv | awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  { printf "%s\t%s\t%s\t%s\n", $(at["B_COUNTRY_ALPHA"]), $(at["n"]), $(at["survself"]), $(at["tradrat"]) }' >groups.tsv
near groups.tsv mine.tsv 1e-12
cut -f 1,2 mine.tsv
