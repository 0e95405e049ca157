"""All metrics of distributions with NumPy and SciPy: compare.py FILE WHAT
WHAT: grid (vectorised), pairs (SciPy's functions, one pair at a time, on 2,000 pairs), bootstrap (vectorised, the first five
of people's groups with all 100 of personas, the first item of each kind), own (the first ten groups with their own counterpart).
Prints "seconds S" of processor time and "NAME sum" like compare.c; "done D" is the share of the work that was done."""
import sys
import time

import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.special import xlogy

KINDS, GROUPS, EACH, PEOPLE, PERSONAS, A = (4, 5, 10), 100, 100, 1000.0, 200.0, 0.5
LN2 = np.log(2)


def sides():
    data, at = np.fromfile(sys.argv[1]), 0
    for k in KINDS:
        n = GROUPS * EACH * k
        yield k, data[at:at + n].reshape(GROUPS, EACH, k), data[at + n:at + 2 * n].reshape(GROUPS, EACH, k)
        at += 2 * n


class Side:
    """What follows from one side alone, found once."""

    def __init__(self, x, n):
        k = x.shape[-1]
        code = np.arange(1, k + 1)
        self.x, self.n = x, n
        self.smooth = (n * x + A) / (n + k * A)
        self.log = np.log(self.smooth)
        self.own = (self.smooth * self.log).sum(-1)
        self.root = np.sqrt(x)
        self.xlx = xlogy(x, x).sum(-1)
        self.mean = x @ code
        self.var = (x @ code**2 - self.mean**2) * n / (n - 1)
        self.most = x.max(-1)
        self.square = (x * x).sum(-1)
        self.cum = x.cumsum(-1)[..., :-1]

    def __getitem__(self, g):
        one = object.__new__(Side)
        one.__dict__ = {k: v if np.isscalar(v) else v[g] for k, v in self.__dict__.items()}
        return one


def measure(p, q):
    """Values of all metrics, as a dictionary; p and q broadcast."""
    k, n = q.x.shape[-1], p.n + q.n
    d, m = p.x - q.x, (p.x + q.x) / 2
    kl = np.maximum(p.own - (p.smooth * q.log).sum(-1), 0)
    back = np.maximum(q.own - (q.smooth * p.log).sum(-1), 0)
    jsd = np.maximum((p.xlx + q.xlx) / 2 - xlogy(m, m).sum(-1), 0) / LN2
    tv = np.abs(d).sum(-1) / 2
    affinity = np.minimum((p.root * q.root).sum(-1), 1)
    pooled = (p.n * p.x + q.n * q.x) / n
    with np.errstate(divide="ignore", invalid="ignore"):
        chi2 = np.where(pooled > 0, d * d / pooled, 0).sum(-1) * p.n * q.n / n
        used = (pooled > 0).sum(-1)
        c = used - (used - 1) ** 2 / (n - 1)
        r = 2 - 1 / (n - 1)
        corrected = np.sqrt(np.maximum(0, chi2 / n - (used - 1) / (n - 1)) / (np.minimum(r, c) - 1))
        total = (m * m).sum(-1)
        cf = np.maximum(((p.square + q.square) / 2 - total) / (1 - total), 0)
        f = p.cum - q.cum
        w1, cvm = np.abs(f).sum(-1), (f * f).sum(-1)
        w2 = w1.copy()
        for i in range(k - 1):
            for j in range(i + 1, k - 1):
                w2 += 2 * (np.maximum(p.cum[..., i] - q.cum[..., j], 0) + np.maximum(q.cum[..., i] - p.cum[..., j], 0))
        w2 = np.sqrt(w2)
        mean = q.mean - p.mean
        cohen = mean / np.sqrt(((p.n - 1) * p.var + (q.n - 1) * q.var) / (n - 2))
        below = p.cum.copy()
        delta = (q.x[..., 1:] * below).sum(-1) - (q.x[..., :-1] * (1 - below)).sum(-1)
        return {
            "tv": tv, "kl": kl / LN2, "kl_reverse": back / LN2, "jeffreys": (kl + back) / LN2, "jsd": jsd,
            "js_distance": np.sqrt(jsd), "hellinger": np.sqrt(1 - affinity), "bhattacharyya": -np.log(affinity),
            "overlap": 1 - tv, "chi2": chi2, "cramers_v": np.sqrt(chi2 / n), "cramers_v_corrected": corrected, "cf_st": cf,
            "w1": w1, "w1_scaled": w1 / (k - 1), "w2": w2, "w2_scaled": w2 / (k - 1), "ks": np.abs(f).max(-1), "cvm": cvm,
            "energy": np.sqrt(2 * cvm), "mean_difference": mean, "cohens_d": cohen,
            "hedges_g": (1 - 3 / (4 * (n - 2) - 1)) * cohen, "cliffs_delta": delta, "variance_ratio": q.var / p.var,
            "entropy_ratio": q.xlx / p.xlx, "mode_ratio": q.most / p.most}


def add(sums, values):
    for name, x in values.items():
        sums[name] = sums.get(name, 0) + np.where(np.isfinite(x), x, 0).sum()


def grid(data, sums):
    for _, p, q in data:
        p, q = Side(p, PEOPLE), Side(q, PERSONAS)
        for a in range(GROUPS):
            add(sums, measure(p[a], q))
    return 1


def pairs(data, sums):
    """SciPy's own functions where it has them."""
    done = 0
    for k, p, q in data:
        code = np.arange(1, k + 1)
        for at in range(2000 // len(KINDS)):
            x, y = p[at % GROUPS, at % EACH], q[at * 7 % GROUPS, at % EACH]
            xs, ys = (PEOPLE * x + A) / (PEOPLE + k * A), (PERSONAS * y + A) / (PERSONAS + k * A)
            table = np.array([x * PEOPLE, y * PERSONAS])
            table = table[:, table.sum(0) > 0]
            values = {
                "tv": np.abs(x - y).sum() / 2, "kl": stats.entropy(xs, ys, base=2), "kl_reverse": stats.entropy(ys, xs, base=2),
                "js_distance": jensenshannon(x, y, base=2), "w1": stats.wasserstein_distance(code, code, x, y),
                "energy": stats.energy_distance(code, code, x, y),
                "chi2": stats.chi2_contingency(table, correction=False).statistic,
                "cramers_v": stats.contingency.association(table.astype(int), method="cramer"),
                "hellinger": np.sqrt(max(0, 1 - np.sqrt(x * y).sum())), "mean_difference": y @ code - x @ code,
                "entropy_ratio": stats.entropy(y) / stats.entropy(x)}
            add(sums, values)
            done += 1
    return done / (GROUPS * GROUPS * EACH * len(KINDS))


def bootstrap(data, sums):
    """All pairs of groups: every group is drawn once, and five groups of personas at a time are compared, which is fastest."""
    rng, most, at_once = np.random.default_rng(1), 5, 5
    for k, p, q in data:
        x = [Side(rng.multinomial(int(PEOPLE), p[g, 0], size=(1000, 1)) / PEOPLE, PEOPLE) for g in range(most)]
        y = np.stack([rng.multinomial(int(PERSONAS), q[g, 0], size=1000) for g in range(GROUPS)], axis=1) / PERSONAS
        for first in range(0, GROUPS, at_once):
            some = Side(np.ascontiguousarray(y[:, first:first + at_once]), PERSONAS)
            for g in range(most):
                for name, v in measure(x[g], some).items():
                    np.percentile(v, [2.5, 97.5], axis=0)
                    sums[name] = sums.get(name, 0) + np.nansum(v.std(0, ddof=1))
    return most / GROUPS / EACH


def own(data, sums):
    rng, most = np.random.default_rng(1), 10
    for _, p, q in data:
        for g in range(most):
            x = Side(rng.multinomial(int(PEOPLE), p[g], size=(1000, EACH)) / PEOPLE, PEOPLE)
            y = Side(rng.multinomial(int(PERSONAS), q[g], size=(1000, EACH)) / PERSONAS, PERSONAS)
            for name, v in measure(x, y).items():
                np.percentile(v, [2.5, 97.5], axis=0)
                sums[name] = sums.get(name, 0) + np.nansum(v.std(0, ddof=1))
    return most / GROUPS


what, total = sys.argv[2], {}
everything = list(sides())
start = time.process_time()
share = {"grid": grid, "pairs": pairs, "bootstrap": bootstrap, "own": own}[what](everything, total)
print(f"seconds {time.process_time() - start:.3f}")
print(f"done {share:.9g}")
for key, value in total.items():
    print(key, f"{value:.12g}")
