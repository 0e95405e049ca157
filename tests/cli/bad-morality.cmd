# exit 64
. "$LIB"
D=$SOURCE/datasets/morality-llm-personas
valuemap morality "$D/answers.csv" --key mfq3 -q
valuemap morality "$D/answers.csv" --group model,persona --scale 0..9 -q
valuemap morality "$D/answers.csv" --group model --human "$D/human_means.csv" -q
printf 'country,care\nJapan,3\n' >few.csv
valuemap morality "$D/answers.csv" --group model,persona --human few.csv -q
valuemap morality ../sim/human.csv -q
valuemap morality "$D/answers.csv" --group model,persona --nation land -q
