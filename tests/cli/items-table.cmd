# exit 0
# Means and standard deviations of three questions, worked out here from the file.
. "$LIB"
valuemap fit ../sim/human.csv --weight W_WEIGHT -o out -q
awk -F , 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  { w = $(at["W_WEIGHT"])
    for (q = 1; q <= 3; q++) { name = substr("Q164Q182Q209", 4 * q - 3, 4); x = $(at[name])
      if (x < 0) { lost[name]++; continue }
      n[name]++; s[name] += w; sx[name] += w * x; sxx[name] += w * x * x } }
  END { for (name in n) { m = sx[name] / s[name]
      printf "%s\t%d\t%d\t0\t%.15g\t%.15g\n", name, n[name], lost[name], m, sqrt(sxx[name] / s[name] - m * m) } }' \
  ../sim/human.csv | sort >mine.tsv
rows out/tables/items.tsv | awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  $(at["columns"]) ~ /^(Q164|Q182|Q209)$/ { print $(at["columns"]) "\t" $(at["answered"]) "\t" $(at["missing"]) \
    "\t" $(at["out_of_range"]) "\t" $(at["mean"]) "\t" $(at["sd"]) }' | sort >items.tsv
near mine.tsv items.tsv 1e-12
wc -l <items.tsv
# Out of range is counted apart from missing.
valuemap project ../sim/persona.csv -o two -q
grep 'F063' two/tables/items.tsv | cut -f 1-7
awk -F , 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { x = $(at["Q164"]); a += x > 0; b += x < 0; c += x == 0 }
  END { print a, b, c }' ../sim/persona.csv
