# exit 0
# Personas beside people: groups, single personas, profiles of items, every method.
. "$LIB"
few="--references 10 --divisions 4 --resamples 4 --permutations 99 --quiet"
valuemap fit ../sim/human.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA -o fit -q
valuemap cluster ../sim/persona.csv --space fit/space.json --group model,B_COUNTRY_ALPHA -k 3 $few -o out
columns out/tables/clusters.tsv set unit cluster model B_COUNTRY_ALPHA
columns out/tables/agreement.tsv set found given measure n left_out classes | grep -E ' ari |measure'
ls out/tables
ls out/figures | grep gp$
columns out/tables/cluster_distance.tsv cluster kind to distance value | grep -E 'centroid|w2 ' | sort | head -n 8
columns out/tables/matching.tsv kind from to_kind to mass distance | sort | head -n 8
columns out/tables/confusion.tsv zone nearest units | awk '$NF > 0'
columns out/tables/country_confusion.tsv country zone nearest units share | head -n 6
columns out/tables/map_match.tsv series countries scale spread correlation mantel foulds mirrored
columns out/tables/drift.tsv series country survself_human survself_persona length residual | head -n 4
columns out/tables/in_human_space.tsv unit nearest silhouette meant silhouette_meant | head -n 4
columns out/tables/in_human_space.tsv unit silhouette low high meant_low meant_high | head -n 3
columns out/tables/human_space.tsv of group units silhouette low high units_meant silhouette_meant meant_low meant_high
columns out/tables/off_map.tsv series personas judged odd far either error_ratio
columns out/tables/off_map_items.tsv series item answered share residual | head -n 3
columns out/tables/off_map_personas.tsv group spe spe_limit t2 odd far | head -n 2
valuemap cluster ../sim/persona.csv --space fit/space.json --group model,B_COUNTRY_ALPHA --of items -k 2 $few --table clusters |
  grep -v '^#' | head -n 1
valuemap cluster ../sim/persona.csv --space fit/space.json --group model --unit respondents -m kmeans -k 2 --starts 3 --sample 40 $few --table clusters |
  grep -c '^persona'
for method in kmeans pam average complete single mixture hdbscan; do
  valuemap cluster ../sim/persona.csv --space fit/space.json --group model,B_COUNTRY_ALPHA --method $method --least 3 -k 2 --starts 3 --family EEI $few --table clusters >one || echo "$method failed"
  echo "$method $(cut -f 1,3 one | grep '^persona' | sort | uniq -c | sort -rn | tr -s ' \t\n' ' ')"
done
valuemap cluster --study ../sim/study.yaml -k 2 $few --table clusters >one
cut -f 1 one | grep -v '#' | sort | uniq -c
valuemap cluster --study ../sim/study.yaml --of items -k 2 $few --table map_match | columns - series countries foulds
# countries and groups by their respondents
for kind in none n weight; do
  valuemap cluster ../sim/persona.csv --space fit/space.json --group model,B_COUNTRY_ALPHA --unit-weights $kind -k 3 --references 0 --divisions 0 --resamples 0 --permutations 9 --table cluster_count 2>notes |
    columns - set k within | awk '$2 == 1'
  grep 'count once each' notes
done
valuemap cluster --unit-weights n -k 3 --references 0 --divisions 0 --resamples 0 --permutations 9 --table cluster_count 2>&1 >/dev/null | grep 'count once each'
