# exit 0
# Scores of a questionnaire, weights of units, studies of clusters, figures of models with names alike.
. "$LIB"
few="--references 10 --divisions 4 --resamples 4 --permutations 99 -q"
{
  echo model,persona,w,$(for i in $(seq 36); do printf 'MFQ2_%s,' "$i"; done | sed 's/,$//')
  for model in a b; do
    for persona in X Y Z; do
      for run in 1 2; do
        echo $model,$persona,$run,$(for i in $(seq 36); do
          printf '%s,' "$(( (i + run + $([ $model = a ] && echo 1 || echo 3) * (i % 6)) % 5 + 1 ))"; done | sed 's/,$//')
      done
    done
  done
} >sheets.csv
valuemap cluster sheets.csv --key mfq2 --group model,persona -k 2 $few >groups
columns groups unit cluster size model care purity
valuemap cluster sheets.csv --key mfq2 --group model --unit respondents -k 2 $few | grep -c '^unit'
cat >table.csv <<'END'
who,n,x
a,1,0
a,3,4
b,1,10
c,5,11
END
valuemap cluster table.csv --columns x --raw --group who --weight n -m kmeans -k 2 $few >weighted
columns weighted unit cluster x
# by hand: 0, 4 | 7 costs 8; 0 | 4, 7 costs 4.5, but 9 x 100 / 101 when 7 weighs 100
printf 'who,n,x\na,1,0\nb,1,4\nc,100,7\n' >heavy.csv
for weights in none n weight; do
  valuemap cluster heavy.csv --columns x --raw --group who --weight n --unit-weights $weights -m kmeans -k 2 $few >heavy
  echo $weights
  columns heavy unit cluster
done
cat >study.yaml <<'END'
version: 1
title: Scores
personas: {files: [{file: sheets.csv}], group: [model, persona]}
cluster: [key=mfq2, clusters=2, references=10, divisions=4, resamples=4, permutations=99]
END
valuemap run study.yaml -o out -q
ls out/tables
grep -c '<h1>Scores' out/report.html
sed 's/key=mfq2/kez=mfq2/' study.yaml >bad.yaml
valuemap run bad.yaml -q || echo $?
sed 's/clusters=2/output=x/' study.yaml >bad.yaml
valuemap run bad.yaml -q || echo $?
sed 's/key=mfq2, //' study.yaml >bad.yaml
valuemap run bad.yaml -q || echo $?
valuemap cluster sheets.csv --key mfq2 --space iw2023 -q || echo $?
valuemap cluster sheets.csv --key mfq2 --unit-weights heavy -q || echo $?
sed 's/^a,3/a,/' table.csv >broken.csv
valuemap cluster broken.csv --columns x --group who --weight n -q || echo $?
# two models whose names have the same letters and digits: no figure is lost
sed 's/simA/A b/; s/simB/A.B/' ../sim/persona.csv >alike.csv
valuemap fit ../sim/human.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA -o fit -q
valuemap cluster alike.csv --space fit/space.json --group model,B_COUNTRY_ALPHA -k 3 $few -o alike
ls alike/figures | grep '^drift.*gp'
