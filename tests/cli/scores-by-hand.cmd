# exit 0
# Every complete respondent's position, worked out here from the raw columns and the table of weights:
# autonomy from four child qualities, post-materialism from two choices, score = S w (x - mean) / sd.
. "$LIB"
valuemap fit ../sim/human.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA -o out -q
rows out/tables/weights.tsv >weights.txt
awk -F '[,\t]' 'FNR == NR { if (FNR > 1) { item[++p] = $1; mean[p] = $2; sd[p] = $3; a[p] = $4; b[p] = $5 } next }
  FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  function q(name) { v = $(at["Q" name]); return v > 0 ? v : "" }
  { x["F063"] = q(164); x["F120"] = q(184); x["G006"] = q(254) < 5 ? q(254) : ""; x["E018"] = q(45)
    x["A008"] = q(46); x["F118"] = q(182); x["E025"] = q(209); x["A165"] = q(57)
    x["Y003"] = q(8) != "" && q(14) != "" && q(15) != "" && q(17) != "" ? q(15) + q(17) - q(8) - q(14) : ""
    f = q(154); s = q(155)
    x["Y002"] = f == "" || s == "" ? "" : f == s ? 2 : f + s == 4 ? 1 : f + s == 6 ? 3 : 2
    u = v2 = 0; complete = 1
    for (i = 1; i <= p; i++) { if (x[item[i]] == "") { complete = 0; continue }
      z = (x[item[i]] - mean[i]) / sd[i]; u += a[i] * z; v2 += b[i] * z }
    if (complete) printf "%d\t%.15g\t%.15g\n", FNR - 1, 1.81 * u + .038, 1.61 * v2 - .1 }' \
  weights.txt ../sim/human.csv >mine.tsv
rows out/tables/respondents.tsv | awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  $(at["items_used"]) == 10 { print $(at["row"]) "\t" $(at["survself"]) "\t" $(at["tradrat"]) }' >program.tsv
near mine.tsv program.tsv 1e-11
wc -l <program.tsv
