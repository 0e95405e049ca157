# exit 65
printf 'model,Q8,Q14,Q15,Q17,Q45,Q46,Q57,Q164,Q182\na,1,1,2,2,1,2,1,1,3\n"a,1,1,2,2,1,2,1,5,3\nb,1,1,2,2,1,2,1,4,3\n' >a.csv
# A quote that hides the items: the file is at fault, not the choice of items.
printf 'land,a,b\nx,1,2\n"y,1,2\nz,3,4\n' >b.csv
# A quote in the header is closed by one far below.
printf 'land,"Q164,Q182\na,1,2\nb,3",4\nc,4,5\n' >c.csv
for command in check convert factor 'factor --items a,b,c' codebook answers cluster 'project --group land -o out'; do
    valuemap $command b.csv
done
for command in check answers 'factor --items Q164,Q182' 'project --group land -o out'; do
    valuemap $command c.csv
done
valuemap project a.csv --group model -o out
