# exit 0
# The study of simulated people and personas: how often the 95 % interval holds the true distance, by model and metric, and what
# the test of Holm-adjusted equivalence and of difference says. The true distance of "same" is 0.
cp -r "$SOURCE/datasets/compare-simulated" .
valuemap run compare-simulated/study.yaml -q -o out
ls out/tables out/figures | grep -v -E 'svg|pdf'
grep -h -v '^#' out/tables/noise.tsv | awk -F '\t' '
  FILENAME == "-" && !n { n = split($0, name, "\t"); for (i = 1; i <= n; i++) at[name[i]] = i; next }
  FILENAME != "-" { split($0, x, ","); if (FNR > 1) { truth[x[1], x[2], x[3], "w1_scaled"] = x[4]
    truth[x[1], x[2], x[3], "js_distance"] = x[5]; truth[x[1], x[2], x[3], "tv"] = x[6] } next }
  $at["level"] == "country" {
    key = $at["series"] " " $at["metric"]; t = truth[$at["series"], $at["country"], $at["item"], $at["metric"]]
    all[key]++; inside[key] += $at["low"] <= t + 1e-6 && t <= $at["high"] + 1e-6; found[key] += $at["p"] <= .05 }
  END { for (key in all) print key, inside[key] " of " all[key] " intervals hold it, " found[key] " tests find it" }
' compare-simulated/truth.csv - | sort
sed 's/floor: people//; s/margin: 0.2/floor: nobody/' compare-simulated/study.yaml >compare-simulated/bad.yaml
valuemap run compare-simulated/bad.yaml -q
echo "status $?"
sed '/^humans/,/group/d' compare-simulated/study.yaml >compare-simulated/bad.yaml
valuemap run compare-simulated/bad.yaml -q
echo "status $?"
