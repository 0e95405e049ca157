# exit 0
# Items and factors: made-up people whose key is true, models; a series that is refused; differences within nations.
. "$LIB"
D=$SOURCE/tests/data
M="$D/morality-models.csv --group model,nation --human $D/morality-people.csv --human-nation land --human-key mfq2-blocked"
valuemap morality $M -q -o out
columns out/tables/structure.tsv series scale items congruence own_share free_own_share | grep -v two
columns out/tables/structure_fit.tsv series sheets least_pair items factors heywoods converged refused
columns out/tables/structure_retention.tsv series criterion factors votes | grep -E 'people (parallel|consensus)'
columns out/tables/items.tsv series scale item n asked mean item_rest alpha_if_dropped | grep -E 'care' | sed -n '1,3p;7,8p'
ls out/figures | grep gp
# within nations, and each group for itself where no column names a nation
valuemap morality $M -q --structure within --table structure --format tsv --no-comments >within.tsv
columns within.tsv series scale own_share | grep 'people all'
valuemap morality "$D/morality-people.csv" --key mfq2-blocked --group land -q --table structure_fit --format tsv --no-comments >groups.tsv
columns groups.tsv series sheets refused
try valuemap morality $M -q --structure both
# figures on request
valuemap morality "$D/morality-models.csv" --group model --figures radar,violins -q -o radar
ls radar/figures | grep -E 'radar|scores.*gp' | grep gp
try valuemap morality $M -q --figures radar
try valuemap morality $M -q --figures pie
try valuemap morality "$SOURCE/datasets/morality-llm-personas/answers.csv" --group model,persona -q --figures violins
exit 0
