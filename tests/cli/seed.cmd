# exit 0
# Another seed moves the bootstrap and nothing else.
. "$LIB"
for seed in 1 2; do
  valuemap project ../sim/persona.csv --group model --seed $seed -o $seed -q
  columns $seed/tables/groups.tsv model n n_eff survself survself_se tradrat tradrat_se survself_share >$seed.txt
  columns $seed/tables/groups.tsv survself_boot_se >$seed.boot
done
cmp 1.txt 2.txt && ! cmp -s 1/tables/groups.tsv 2/tables/groups.tsv && echo other
