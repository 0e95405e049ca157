# exit 0
# The published data can be read as they are; 2,436 persons answered every item of factor-bfi.
valuemap list datasets --format md
bfi=$SOURCE/datasets/factor-bfi
valuemap check "$bfi/bfi.csv" --codebook "$bfi/codebook.yaml" --quiet --table item_summary --format tsv --no-comments | head -n 3
tail -n +2 "$bfi/bfi.csv" | cut -d, -f 2-26 | grep -vc -e '^,' -e ',,' -e ',$'
