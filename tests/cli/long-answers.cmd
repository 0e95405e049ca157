# exit 0
# Batch output of a language model: ids are divided, words parsed, refusals counted.
. "$LIB"
answer() { # id content refusal
  printf '{"custom_id":"%s","response":{"status_code":200,"body":{"model":"m","choices":[{"index":0,"message":{"content":%s,"refusal":%s}}]}},"error":null}\n' "$@"
}
{
  answer 'gpt|JPN|Q164|1' '"3. It is not important"' null
  answer 'gpt|JPN|Q182|1' '"{\"answer\": 8}"' null
  answer 'gpt|JPN|Q46|1' '"Quite happy"' null
  answer 'gpt|USA|Q164|1' null '"I cannot answer"'
  answer 'gpt|USA|Q182|1' '"I would say 7 out of 10"' null
  answer 'gpt|USA|Q46|1' '"11"' null
  answer 'gpt|USA|Q57|1' '"2"' null
} >batch.jsonl
valuemap project batch.jsonl --id 'custom_id=model|persona|item|rep' --group model,persona -o out 2>notes
sed 1q notes
columns out/tables/groups.tsv model persona n
echo "unparsable:"
grep -h unparsable out/tables/ledger.tsv | cut -f 1,3-7
grep -h refused out/tables/ledger.tsv | cut -f 1,3-7
grep -h out-of-range out/tables/ledger.tsv | cut -f 1,3-7
answer 'gpt|USA|Q57|1' '"1"' null >>batch.jsonl
try valuemap project batch.jsonl --id 'custom_id=model|persona|item|rep' --group model,persona 2>&1
