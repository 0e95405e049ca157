"""Reference values of src/cluster/distance.c.
Run in this folder:  python3 cluster_distance.py > cluster_distance.tsv
Clouds are the three species of iris as R has them; row = pair of species (1-2, 1-3, 2-3).
"""
import numpy as np
import scipy
from scipy.linalg import sqrtm
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist, directed_hausdorff, pdist
from sklearn.datasets import load_iris
from sklearn.metrics.pairwise import rbf_kernel

x = load_iris().data
x[34] = [4.9, 3.1, 1.5, 0.2]
x[37] = [4.9, 3.6, 1.4, 0.1]
clouds = [x[:50], x[50:100], x[100:]]
SP = "scipy " + scipy.__version__


def put(name, row, value, tolerance=1e-10, source=SP):
    print(f"{name}\t{row}\t1\t{float(value)!r}\t{tolerance:g}\t{source}")


print("quantity\trow\tcol\tvalue\ttolerance\tsource")
width = np.median(pdist(x))
put("bandwidth", 1, width)
for i, (a, b) in enumerate([(0, 1), (0, 2), (1, 2)], 1):
    a, b = clouds[a], clouds[b]
    d = cdist(a, b)
    s, t = np.cov(a.T), np.cov(b.T)
    root = sqrtm(t)
    gauss = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(s + t - 2 * np.real(sqrtm(root @ s @ root)))
    k = lambda p, q: rbf_kernel(p, q, gamma=1 / (2 * width ** 2)).mean()
    rows, cols = linear_sum_assignment(d ** 2)
    put("centroid", i, np.linalg.norm(a.mean(0) - b.mean(0)))
    put("mmd", i, np.sqrt(k(a, a) + k(b, b) - 2 * k(a, b)), source="scikit-learn rbf_kernel()")
    put("w2_gaussian", i, np.sqrt(gauss), 1e-7)
    put("w2", i, np.sqrt((d[rows, cols] ** 2).mean()))
    put("hausdorff", i, max(directed_hausdorff(a, b)[0], directed_hausdorff(b, a)[0]))
    put("single", i, d.min())
    put("complete", i, d.max())
    put("average", i, d.mean())
