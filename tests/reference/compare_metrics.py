"""Reference values of src/compare/metrics.c.
Run in this folder:  python3 compare_metrics.py > compare_metrics.tsv
Every pair of distributions is written out first: row = number of the pair, col = scale point. Values come
from scipy where it has the metric, else from the definition, worked out with fractions or numpy on
expanded samples (every answer written down), a way that shares nothing with the formulas of the program.
"""
import itertools
from fractions import Fraction as Fr
import numpy as np
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.stats import contingency

pairs = [  # codes, counts of people, counts of personas
    ([1, 2, 3, 4], [10, 40, 50, 0], [60, 60, 60, 20]),
    ([1, 2, 3, 4, 5], [3, 0, 7, 11, 4], [0, 0, 9, 1, 0]),
    ([1, 2], [17, 3], [8, 12]),
    ([-2, -1, 0, 1, 2], [8, 18, 30, 29, 15], [1, 2, 3, 4, 30]),
    ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [33, 6, 6, 5, 14, 6, 6, 6, 4, 14], [2, 0, 1, 0, 31, 4, 12, 9, 1, 0]),
    ([1, 2, 4, 8], [5, 6, 7, 8], [8, 7, 6, 5]),
    ([1, 2, 3], [4, 5, 6], [8, 10, 12]),
    ([1, 2, 3], [9, 0, 0], [0, 0, 7]),
]
SP = "scipy " + scipy.__version__
OWN = "numpy " + np.__version__ + ", from the definition"


def put(name, i, value, tolerance=1e-12, source=SP, col=1):
    text = "nan" if value != value else repr(float(value))
    print(f"{name}\t{i}\t{col}\t{text}\t{tolerance:g}\t{source}")


print("quantity\trow\tcol\tvalue\ttolerance\tsource")
for i, (x, a, b) in enumerate(pairs, 1):
    for j, (c, u, v) in enumerate(zip(x, a, b), 1):
        put("code", i, c, 0, "made up", j)
        put("people", i, u, 0, "made up", j)
        put("personas", i, v, 0, "made up", j)
for i, (x, a, b) in enumerate(pairs, 1):
    x, a, b = map(np.array, (x, a, b))
    n, m, k = a.sum(), b.sum(), len(x)
    p, q = a / n, b / m
    us, vs = np.repeat(x, a), np.repeat(x, b)
    table = np.array([a, b])
    used = table[:, table.sum(0) > 0]
    put("tv", i, sum(abs(Fr(int(u), int(n)) - Fr(int(v), int(m))) for u, v in zip(a, b)) / 2, source=OWN)
    s = .5
    ps, qs = (a + s) / (n + k * s), (b + s) / (m + k * s)
    put("kl", i, stats.entropy(ps, qs))
    put("kl_reverse", i, stats.entropy(qs, ps))
    put("jeffreys", i, stats.entropy(qs, ps) + stats.entropy(ps, qs))
    put("kl_plain", i, stats.entropy(p, q))
    put("jsd", i, jensenshannon(p, q, 2) ** 2)
    put("jsd_nat", i, jensenshannon(p, q) ** 2)
    put("js_distance", i, jensenshannon(p, q, 2), 1e-8 if i == 7 else 1e-12)
    put("hellinger", i, np.sqrt(.5 * ((np.sqrt(p) - np.sqrt(q)) ** 2).sum()), source=OWN)
    put("bhattacharyya", i, -np.log(np.sqrt(p * q).sum()) if (p * q).sum() else np.inf, source=OWN)
    put("overlap", i, sum(min(Fr(int(u), int(n)), Fr(int(v), int(m))) for u, v in zip(a, b)), source=OWN)
    c2 = stats.chi2_contingency(used, correction=False)[0]
    put("chi2", i, c2, 1e-11)
    put("cramers_v", i, contingency.association(used, "cramer"))
    # Bergsma (2013), eq. 8 to 10
    tot, r, c = n + m, 2, used.shape[1]
    phi = max(0, c2 / tot - (r - 1) * (c - 1) / (tot - 1))
    put("cramers_v_corrected", i, np.sqrt(phi / (min(r - (r - 1) ** 2 / (tot - 1), c - (c - 1) ** 2 / (tot - 1)) - 1)),
        source=OWN)
    hs = np.mean([1 - (p ** 2).sum(), 1 - (q ** 2).sum()])
    ht = 1 - (((p + q) / 2) ** 2).sum()
    put("cf_st", i, (ht - hs) / ht, source=OWN)
    put("w1", i, stats.wasserstein_distance(us, vs))
    put("w1_scaled", i, stats.wasserstein_distance((us - x[0]) / (x[-1] - x[0]), (vs - x[0]) / (x[-1] - x[0])))
    # W2: repeat every answer so that both samples have the same size, sort, and pair them off
    e, f = np.sort(np.repeat(us, m)), np.sort(np.repeat(vs, n))
    put("w2", i, np.sqrt(((e - f) ** 2).mean()), source=OWN)
    put("w2_scaled", i, np.sqrt(((e - f) ** 2).mean()) / (x[-1] - x[0]), source=OWN)
    put("ks", i, stats.ks_2samp(us, vs).statistic)
    put("energy", i, stats.energy_distance(us, vs), 1e-8 if i == 7 else 1e-12)
    put("cvm", i, stats.energy_distance(us, vs) ** 2 / 2)
    put("mean_difference", i, vs.mean() - us.mean(), source=OWN)
    sd = np.sqrt(((n - 1) * us.var(ddof=1) + (m - 1) * vs.var(ddof=1)) / (n + m - 2))
    d = (vs.mean() - us.mean()) / sd if sd else np.nan
    put("cohens_d", i, d, source=OWN)
    put("hedges_g", i, d * (1 - 3 / (4 * (n + m - 2) - 1)), source=OWN)
    put("cliffs_delta", i, np.mean([np.sign(v - u) for u, v in itertools.product(us.tolist(), vs.tolist())]), source=OWN)
    put("variance_ratio", i, vs.var(ddof=1) / us.var(ddof=1) if us.var() else np.nan, source=OWN)
    put("entropy_ratio", i, stats.entropy(q) / stats.entropy(p) if stats.entropy(p) else np.nan)
    put("mode_ratio", i, q.max() / p.max(), source=OWN)
