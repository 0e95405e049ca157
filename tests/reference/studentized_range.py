"""Reference values of src/compare/studentized_range.c.
Run in this folder:  python3 studentized_range.py > studentized_range.tsv
P(Q > q) by its double integral, adaptively to 1e-13 with scipy. R's ptukey() is no reference: it differs by 5e-10
for q = 3.5, k = 10, df = 12, by 4e-5 for q = 12, k = 40, df = 3, and gives NaN for df = 1.
"""
import numpy as np
import scipy
from scipy.integrate import quad
from scipy.special import gammaln, ndtr


def inside(q, k):  # P(range <= q)
    def f(z):
        return np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * (ndtr(z) - ndtr(z - q)) ** (k - 1)
    return k * sum(quad(f, a, b, epsabs=1e-15, epsrel=1e-13)[0] for a, b in ((-9, 0), (0, 2), (2, 9)))


def upper(q, k, df):
    if np.isinf(df):
        return 1 - inside(q, k)

    def f(t):  # t = ln s
        log_f = np.log(2) + df / 2 * np.log(df / 2) - gammaln(df / 2) + df * (t - np.exp(2 * t) / 2)
        return np.exp(log_f) * (1 - inside(q * np.exp(t), k))
    low, high = {1: (-34, 2.3), 3: (-12, 1.8), 12: (-4, 1.2), 200: (-.8, .6)}[df]
    cuts = np.linspace(low, high, 7)
    return sum(quad(f, a, b, epsabs=1e-14, epsrel=1e-12)[0] for a, b in zip(cuts, cuts[1:]))


print("quantity\trow\tcol\tvalue\ttolerance\tsource")
rows = [(q, k, df) for df in (1, 3, 12, 200, np.inf) for k in (2, 10, 40) for q in (.5, 3.5, 12)]
for i, (q, k, df) in enumerate(rows, 1):
    for j, v in enumerate((q, k, df), 1):
        print(f"at\t{i}\t{j}\t{v}\t0\tmade up")
for i, (q, k, df) in enumerate(rows, 1):
    print(f"upper\t{i}\t1\t{float(upper(q, k, df))!r}\t1e-11\tscipy {scipy.__version__}, double integral", flush=True)
