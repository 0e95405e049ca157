# exit 0
# Results may go to the folder of the data, which stay.
cp -r ../sim sim
valuemap run sim/study.yaml -o sim -q
valuemap run sim/study.yaml -o sim -q
for file in human.csv persona.csv persona_truth.csv truth.csv study.yaml; do
  cmp sim/$file ../sim/$file && echo "$file"
done
