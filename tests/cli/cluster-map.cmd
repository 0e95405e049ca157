# exit 0
# Countries of a space: the same table for any number of threads; k as asked for; k = 1 and k = n.
. "$LIB"
few="--references 20 --divisions 5 --resamples 5 --permutations 99 --quiet"
valuemap cluster $few -o out --threads 1
valuemap cluster $few -o other --threads 3
for table in out/tables/*.tsv; do cmp "$table" "other/tables/$(basename "$table")"; done
ls out out/tables
columns out/tables/cluster_count.tsv set k silhouette silhouette_p calinski davies dunn within preferred_by | head -n 5
grep -c . out/tables/tree.tsv
valuemap cluster $few -k 8 --table clusters >eight
columns eight unit cluster size zone silhouette | sed -n '1p; /^840 /p; /^752 /p'
cut -f 3 eight | grep -v '#' | sort -n | uniq -c
valuemap cluster $few -k 1 --table clusters | columns - cluster silhouette neighbour | sort | uniq -c
valuemap cluster $few -k 111 --table clusters | columns - size silhouette | sort | uniq -c
