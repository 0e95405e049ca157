# exit 66
. "$LIB"
D=$SOURCE/datasets/morality-llm-personas
valuemap morality "$D/answers.csv" --key mfq3 -q
valuemap morality "$D/answers.csv" --group model,persona --scale 0..9 -q
valuemap morality "$D/answers.csv" --group model --human "$D/human_means.csv" -q
printf 'country,care\nJapan,3\n' >few.csv
valuemap morality "$D/answers.csv" --group model,persona --human few.csv -q
valuemap morality ../sim/human.csv -q
valuemap morality "$D/answers.csv" --group model,persona --nation land -q
printf 'country,a,b,c\nJapan,1,2,3\nKenya,2,2,4\nPeru,3,5,8\nEgypt,1,1,2\nChile,2,4,6\nRussia,0,1,1\n' >same.csv
printf 'country,a\nJapan,1\n' >one.csv
valuemap morality "$D/answers.csv" --group model,persona --culture same.csv -q
valuemap morality "$D/answers.csv" --group model,persona --culture one.csv -q
valuemap morality "$D/answers.csv" --group persona --where 'persona = Japan' --culture iw2023 -q
valuemap morality "$D/answers.csv" --group model,persona --culture iw2023 --predictors religion -q
valuemap morality "$D/answers.csv" --group model,persona --culture iw2024 -q
valuemap morality "$D/answers.csv" --culture iw2023 -q
valuemap morality "$D/answers.csv" --group model,persona --culture nowhere.csv -q
