# exit 0
# The study that comes with the program.
. "$LIB"
valuemap run "$SOURCE/datasets/map-llm-personas/study.yaml" -o out 2>&1 | cut -c 1-100
columns out/tables/groups.tsv model n | awk '{ groups[$1]++; n[$1] += $2 } END { for (m in n) print m, groups[m], n[m] }' | sort
columns out/tables/shrinkage.tsv model axis groups basis
columns out/tables/nearest.tsv rank | sort | uniq -c
rows out/tables/target.tsv | wc -l
