"""Reference values of src/space/off_map.c.
Run in this folder:  python3 space_off_map.py > space_off_map.tsv
Answers are made up; positions are those of spaces/iw2023.json. The prediction of each answered item is made item
by item by least squares on the expected position (regression in the reference population), the limit from the
eigenvalues of the covariance of what is left. row = respondent.
"""
import json
import numpy as np
import scipy
from scipy.stats import chi2

space = json.load(open("../../spaces/iw2023.json"))
rng = np.random.default_rng(7)
items = space["items"]
mean = np.array([i["mean"] for i in items])
sd = np.array([i["sd"] for i in items])
r = np.array(space["correlation"], float)
if r.ndim == 1 or any(len(x) != len(items) for x in space["correlation"]):
    raise SystemExit("the correlation is not square")
w = np.array([i["weights"] for i in items]) * sd[:, None]


def put(name, row, col, value, tolerance=1e-9, source="numpy " + np.__version__ + ", scipy " + scipy.__version__):
    text = "nan" if value != value else repr(float(value))
    print(f"{name}\t{row}\t{col}\t{text}\t{tolerance:g}\t{source}")


print("quantity\trow\tcol\tvalue\ttolerance\tsource")
put("t2_limit", 1, 1, chi2.ppf(.99, 2))
for row in range(1, 13):
    x = np.array([rng.integers(i["low"], i["high"] + 1) for i in items], float)
    if row > 6:
        x[rng.choice(10, row - 5, replace=False)] = np.nan
    if row > 9:
        x[rng.choice(10, 5, replace=False)] = np.nan
    for j, v in enumerate(x, 1):
        put("answers", row, j, v, 0, "made up")
    o = ~np.isnan(x)
    spe = limit = t2 = np.nan
    residual = np.full(10, np.nan)
    if o.sum() >= 2:
        z = ((x - mean) / sd)[o]
        roo, rom = r[np.ix_(o, o)], r[np.ix_(o, ~o)]
        a = w[o] + np.linalg.solve(roo, rom @ w[~o])  # the expected position is a' z
        t, var = a.T @ z, a.T @ roo @ a
        t2 = t @ np.linalg.solve(var, t)
        if o.sum() > 2:
            e = z - roo @ a @ np.linalg.solve(var, t)
            left = roo - roo @ a @ np.linalg.solve(var, a.T @ roo)
            l = np.linalg.eigvalsh(left)
            l = l[l > 1e-12]
            spe, residual[o] = e @ e, e
            limit = (l ** 2).sum() / l.sum() * chi2.ppf(.99, l.sum() ** 2 / (l ** 2).sum())
    put("off", row, 1, spe)
    put("off", row, 2, limit)
    put("off", row, 3, t2)
    for j, v in enumerate(residual, 1):
        put("residual", row, j, v)
