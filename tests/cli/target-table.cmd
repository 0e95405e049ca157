# exit 0
# The tables of distances agree with each other and with the positions.
. "$LIB"
valuemap fit ../sim/human.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA -o fit -q
valuemap distance ../sim/persona.csv --space fit/space.json --group model,B_COUNTRY_ALPHA --nearest 9 -o out -q
for table in groups reference distances target nearest zones; do
  rows out/tables/$table.tsv >$table.txt
done
awk -F '\t' '
  function off(a, b) { return a - b > 1e-12 || b - a > 1e-12 }
  FNR == 1 { file++; split("", at); for (i = 1; i <= NF; i++) at[$i] = i; next }
  { g = $(at["model"]) " " $(at["B_COUNTRY_ALPHA"]) }
  file == 1 { x[g] = $(at["survself"]); y[g] = $(at["tradrat"]); groups++ }
  file == 2 { c = $(at["country"]); cx[c] = $(at["survself"]); cy[c] = $(at["tradrat"]); countries++ }
  file == 3 && $(at["kind"]) == "country" { c = $(at["reference"]); d[g, c] = $(at["distance"]); m[g, c] = $(at["mahalanobis"])
    if (off(d[g, c], sqrt((x[g] - cx[c]) ^ 2 + (y[g] - cy[c]) ^ 2))) print "distance of", g, c; pairs++ }
  file == 4 { c = $(at["target"]); rank = 1
    for (o in cx) rank += d[g, o] < d[g, c]
    if (rank != $(at["rank"]) || $(at["of"]) != countries) print "rank of", g
    if (off(d[g, c], $(at["distance"])) || off(m[g, c], $(at["mahalanobis"]))) print "distance of", g
    if (off($(at["survself_difference"]), x[g] - cx[c]) || off($(at["tradrat_difference"]), y[g] - cy[c])) print "difference of", g
    if (!($(at["low"]) < $(at["distance"]) && $(at["distance"]) < $(at["high"]))) print "interval of", g
    if ((rank == 1) != ($(at["nearest"]) == c)) print "nearest of", g
    selected[g] = $(at["selected"]); targets++ }
  file == 5 { c = $(at["country"]); near++; total[g] += $(at["selected"]); r = $(at["rank"])
    if (off(d[g, c], $(at["distance"])) || (r > 1 && $(at["distance"]) < last)) print "order of", g
    if (c == $(at["B_COUNTRY_ALPHA"]) && off(selected[g], $(at["selected"]))) print "share of", g
    last = $(at["distance"]) }
  file == 6 { zone[g] += $(at["selected"]) }
  END { for (g in total) if (off(total[g], 1) || off(zone[g], 1)) print "shares of", g, "add up to", total[g], zone[g]
    print groups, countries, pairs, targets, near }' \
  groups.txt reference.txt distances.txt target.txt nearest.txt zones.txt
