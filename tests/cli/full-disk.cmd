# exit 74
test -c /dev/full || { echo "there is no /dev/full"; exit 77; }
for words in 'list spaces' 'help' '--version' 'help man' 'fit --help' 'list reasons -f json'; do
  valuemap $words >/dev/full
  echo "$words: $?"
done
valuemap convert ../sim/human.csv -q >/dev/full
echo "convert: $?"
valuemap fit ../sim/human.csv -q >/dev/full
