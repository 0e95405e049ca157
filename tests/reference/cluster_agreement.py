"""Reference values of src/cluster/agreement.c.
Run in this folder:  python3 cluster_agreement.py > cluster_agreement.tsv
Pairs of partitions are written out: row = unit, col = 1 (found) or 2 (given); 99 stands for no label.
Values are those of scikit-learn; purity and variation of information from their definitions; row = pair.
"""
import math
import numpy as np
import scipy
import sklearn
from sklearn import metrics as m

rng = np.random.default_rng(20230217)
pairs = []
for n, r, c, mix in [(30, 3, 4, .5), (200, 8, 8, .3), (109, 5, 8, .6), (12, 2, 5, .0), (60, 12, 3, .9)]:
    a = rng.integers(0, r, n)
    b = np.where(rng.random(n) < mix, a % c, rng.integers(0, c, n))
    pairs.append((a, b))
pairs.append((np.zeros(6, int), np.zeros(6, int)))
pairs.append((np.zeros(6, int), np.array([0, 0, 1, 1, 2, 2])))
pairs.append((np.array([0, 0, 1, 1, 2, 2]), np.zeros(6, int)))
pairs.append((np.arange(5), np.arange(5)[::-1]))
pairs.append((np.arange(6), np.array([0, 0, 1, 1, 2, 2])))
pairs.append((np.array([3, 3, 7, 7]), np.array([1, 1, 0, 0])))
SK = "scikit-learn " + sklearn.__version__
OWN = "numpy " + np.__version__ + ", from the definition"


def put(name, row, col, value, tolerance=1e-12, source=SK):
    print(f"{name}\t{row}\t{col}\t{float(value)!r}\t{tolerance:g}\t{source}")


def entropy(labels):
    _, count = np.unique(labels, return_counts=True)
    p = count / count.sum()
    return -(p * np.log(p)).sum()


print("quantity\trow\tcol\tvalue\ttolerance\tsource")
for i, (a, b) in enumerate(pairs, 1):
    for u in range(len(a)):
        put(f"pair_{i}", u + 1, 1, a[u], 0, "made up")
        put(f"pair_{i}", u + 1, 2, b[u], 0, "made up")
    table = m.cluster.contingency_matrix(a, b)
    (tn, fp), (fn, tp) = m.cluster.pair_confusion_matrix(a, b)
    same = 1.0 if tp + fp + fn == 0 else tp / (tp + fp + fn)
    fm = 1.0 if tp + fp + fn == 0 else m.fowlkes_mallows_score(a, b)
    joint = entropy(a * 1000 + b)
    put("ari", i, 1, m.adjusted_rand_score(b, a))
    put("ami", i, 1, m.adjusted_mutual_info_score(b, a), 1e-10)
    put("nmi", i, 1, m.normalized_mutual_info_score(b, a))
    put("homogeneity", i, 1, m.homogeneity_score(b, a))
    put("completeness", i, 1, m.completeness_score(b, a))
    put("v_measure", i, 1, m.v_measure_score(b, a))
    put("purity", i, 1, table.max(axis=1).sum() / len(a), source=OWN)
    put("inverse_purity", i, 1, table.max(axis=0).sum() / len(a), source=OWN)
    put("fowlkes_mallows", i, 1, fm)
    put("jaccard", i, 1, same, source=OWN)
    put("variation", i, 1, 2 * joint - entropy(a) - entropy(b), source=OWN)
# Davies-Bouldin of cuts of Ward's tree of iris, k = 2 .. 6; scipy's Ward is that of R ("ward.D2").
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.datasets import load_iris
x = load_iris().data
x[34] = [4.9, 3.1, 1.5, 0.2]  # the two rows in which scikit-learn's iris was not that of R
x[37] = [4.9, 3.6, 1.4, 0.1]
tree = linkage(x, "ward")
for k in range(2, 7):
    labels = fcluster(tree, k, "maxclust")
    for u in range(150):
        put("cut_iris", u + 1, k - 1, labels[u], 0, "scipy " + scipy.__version__)
    put("davies", k - 1, 1, m.davies_bouldin_score(x, labels), 1e-10)
