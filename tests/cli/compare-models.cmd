# exit 0
# Real answers of three models, one in the role of the people; the tables of the folder.
. "$LIB"
D=$SOURCE/datasets/map-llm-personas
valuemap compare "$D/gemma3-12b_output_inferred.csv" "$D/llama2-13b_output_inferred.csv" "$D/phi4-14b_output_inferred.csv" \
  --by B_COUNTRY_ALPHA,Q260 --levels all,Q260 --items Q57,Q164,Q182,Q254 --metrics w1_scaled,jsd --replicates 99 -q -o out
ls out/tables
columns out/tables/distances.tsv level series Q260 item n_human n_persona w1_scaled jsd
columns out/tables/refusals.tsv level set item rows answered out_of_range | awk '$5 != $4'
# Which model is nearer: by hand from the distances above, mean over items .341 and .120 (llama2 first).
columns out/tables/model_means.tsv over metric series n left_out mean mean_rank
columns out/tables/model_tests.tsv over metric test term n df statistic value p effect | head -4
columns out/tables/model_pairs.tsv over metric test series_1 series_2 difference p_adj | head -3
