# exit 0
# Groups and replicates rest on the same association as the analysis: a group's own solution is that of its respondents alone.
. "$LIB"
set -- "$SOURCE/datasets/factor-bfi/bfi.csv" --codebook "$SOURCE/datasets/factor-bfi/codebook.yaml" --items 'A*,N*' -k 2 \
  --sets 5 --permutations 0 --quiet --format tsv --no-comments
own() { # of group 1: from the groups of all, and alone
  valuemap factor "$@" --by gender --procrustes columns --table group_items |
    awk -F '\t' 'NR > 1 && $2 == 1 { print $3 "\t" $12 "\t" $13 }' | sort >one
  valuemap factor "$@" --where gender=1 --table factor_loadings | awk -F '\t' 'NR > 1 { print $1 "\t" $3 "\t" $4 }' | sort >two
  echo "$*" | sed 's/.*comments *//'
  near one two 1e-6
}
valuemap factor "$@" --by gender --table group_items | head -n 1 | cut -f 2,3,12,13
valuemap factor "$@" --table factor_loadings | head -n 1 | cut -f 1,3,4
own "$@"
own "$@" -r spearman
own "$@" -r kendall
own "$@" -r polychoric -x dwls
own "$@" -r mixed
own "$@" --missing em
valuemap factor "$@" -r polychoric -x dwls --by gender --replicates 20 --table stability | head -n 4 | cut -f 1,2
valuemap factor "$@" -r polychoric -x dwls -m oblimin --replicates 20 --seed 5 --threads 1 --table factor_intervals >one
valuemap factor "$@" -r polychoric -x dwls -m oblimin --replicates 20 --seed 5 --threads 3 --table factor_intervals >three
cmp one three && grep phi one | wc -l
