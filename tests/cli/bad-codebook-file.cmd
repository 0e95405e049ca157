# exit 65
printf 'version: 1\nname: mine\ntitle: Mine\nitmes: []\n' >mine.yaml
valuemap fit ../sim/human.csv --codebook mine.yaml -o out
