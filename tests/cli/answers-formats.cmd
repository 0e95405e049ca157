# exit 65
# The same answers from every kind of file: decimal commas, R's NA, reasons that an SPSS file declares, Stata-like gaps.
# The answers are those that convert finds.
. "$LIB"
printf 'id,Q46,Q164\na,1,10\nb,2,-1\nc,-2,3\nd,,5\n' >point.csv
printf 'id;Q46;Q164\r\na;1,0;10,0\r\nb;2,0;-1,0\r\nc;-2,0;3,0\r\nd;;5,0\r\n' >comma.csv
printf '"","id","Q46","Q164"\n"1","a",1,10\n"2","b",2,-1\n"3","c",-2,3\n"4","d",NA,5\n' >r.csv
printf 'id,Q46,Q164\na,Very happy,10\nb,Quite happy,Don'"'"'t know\nc,No answer,3\nd,,5\n' >labels.csv
valuemap convert point.csv -c wvs7 --keep id -o spss.sav -q
printf 'id;item;raw\na;Q46;1,0\na;Q164;10,0\nb;Q46;2,0\nb;Q164;-1,0\nc;Q46;-2,0\nc;Q164;3,0\nd;Q46;\nd;Q164;5,0\n' >long.csv
valuemap convert point.csv -c wvs7 --keep id --long -q | grep -v '^#' | cut -d , -f 1-4
for file in point.csv comma.csv r.csv labels.csv spss.sav long.csv; do
  valuemap answers $file -c wvs7 -g id -q | awk -F , '{ print $7, $8, $(NF - 1), $NF }' >$file.taken
  cmp point.csv.taken $file.taken && echo $file: the same
done
# Words: what answers takes them for is what convert reads.
cat >words.csv <<'END'
id,Q46,Q164
1,**2** - quite happy,I would say 7 out of 10
2,2 = Quite happy,"7, or 8"
3,"1. Very happy 2. Quite happy",７
4,Weiß nicht,7 (on a scale from 1 to 10)
5,"{""Answer"": 3, ""refusal"": false}",N/A
6,As an AI I have no feelings.,11
7,refused,-5
END
valuemap answers words.csv -c wvs7 -g id -q | cut -d , -f 7- | tee words.taken
valuemap convert words.csv -c wvs7 --answers text --keep id --long -q | grep -v '^#' >words.long
awk -F , 'NR > 1 { print $1 "," $(NF - 1) "," $NF }' words.long >a.txt
awk -F , 'NR > 1 { print $1 "," $(NF - 1) "," $NF }' words.taken >b.txt
cmp a.txt b.txt && echo convert reads the same
valuemap answers words.csv -c wvs7 -s -q --no-comments
# An SPSS file of convert keeps every reason.
valuemap convert words.csv -c wvs7 --answers text --keep id -o words.sav -q
valuemap convert words.sav -c wvs7 --keep id --long -q | grep -v '^#' | cmp - words.long && echo SPSS: the same
# A single question can be checked and converted; nothing can be fitted to it.
printf 'model,rep,item,raw\nm,1,Q46,3\nm,2,Q46,no\n' >one.csv
valuemap convert one.csv -c wvs7 --answers text --keep rep -q
valuemap check - -c wvs7 --answers text -q --table reasons --no-comments <one.csv
valuemap project one.csv --answers text 2>&1
