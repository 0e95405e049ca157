# exit 0
# The page stands alone: no script, no handler, nothing fetched; a table for every TSV file.
command -v xmllint >/dev/null || { echo "xmllint is not installed"; exit 77; }
printf 'c,Q164,Q182,Q184\n<script>,3,4,1\n"a"" onload=""x",5,6,2\nhttp://x.example/,7,8,2\nSWE,1,1,2\n' >a.csv
valuemap project a.csv --group c -o one -q
valuemap run ../sim/study.yaml -o two -q
for page in one two; do
  # libxml2 2.9 trips over a tag that ends where its buffer does: what stays when the page is shifted is an error
  errors() { xmllint --html --noout --nowarning "$1" 2>&1 | grep -v -e 'Tag [a-z]* invalid' | grep error; }
  sed '1s/^/       /' $page/report.html >shifted.html
  errors $page/report.html >/dev/null && errors shifted.html
  count() { xmllint --html --xpath "count($1)" $page/report.html 2>/dev/null; echo; }
  count '//script'
  count '//@*[starts-with(name(), "on")]'
  count '//@*[contains(., "http:") or contains(., "https:") or contains(., "javascript:")][not(starts-with(name(), "xmlns"))]'
  count '//link | //img | //iframe | //object | //embed | //form'
  xmllint --html --xpath '//style' $page/report.html 2>/dev/null | grep -c -e 'url(' -e '@import'
  test "$(count '//table')" = "$(ls $page/tables/*.tsv | wc -l)" && echo "a table for every file"
done
