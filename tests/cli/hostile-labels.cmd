# exit 0
# What files say reaches spreadsheets, terminals and browsers without doing harm there.
. "$LIB"
cat >a.csv <<'END'
"=cmd|'x'!A0",Q164,Q182
=1+1,3,4
-1,5,6
<script>alert(1)</script>,7,8
"tab	and ""quotes""",1,1
END
printf '\033[31mred,2,2\n' >>a.csv
valuemap project a.csv --group "=cmd|'x'!A0" -o out -q
rows out/tables/groups.tsv | cut -f 1-3
rows out/tables/groups.tsv | awk -F '\t' '{ print NF }' | sort -u | wc -l
grep -c '<script' out/report.html
valuemap project a.csv --group "=cmd|'x'!A0" -q --no-formula-guard | grep -v '^#' | cut -f 1-2
