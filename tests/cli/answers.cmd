# exit 65
# Text answers, long and wide: what was said, what it was taken for; the result reads back as it is.
. "$LIB"
answer() { # id content refusal
  printf '{"custom_id":"%s","response":{"status_code":200,"body":{"model":"m","choices":[{"index":0,"message":{"content":%s,"refusal":%s}}]}},"error":null}\n' "$@"
}
{
  answer 'gpt|JPN|Q164|1' '"3. It is not\nimportant"' null
  answer 'gpt|JPN|Q182|1' '"{\"answer\": 8}"' null
  answer 'gpt|JPN|Q46|1' '"Quite happy"' null
  answer 'gpt|USA|Q164|1' null '"I cannot answer"'
  answer 'gpt|USA|Q182|1' '"I would say 7 out of 10"' null
  answer 'gpt|USA|Q46|1' '"11"' null
  answer 'gpt|USA|Q999|1' '"1"' null
} >batch.jsonl
valuemap answers batch.jsonl --id 'custom_id=model|persona|item|rep' 2>&1 >a.csv
cat a.csv
valuemap answers batch.jsonl --id 'custom_id=model|persona|item|rep' --summary --quiet --no-comments
valuemap answers a.csv --quiet | cmp - a.csv && echo the same
valuemap project a.csv --group model,persona --quiet --no-comments | cut -f 1-4
printf 'model,Q164,Q182,town\nm,3. yes,"I, say ""x""",A\nn,,10,B\n' >wide.csv
valuemap answers wide.csv --quiet --group town
valuemap answers wide.csv --layout long
