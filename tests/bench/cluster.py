"""Times of scikit-learn and scipy for the same points: python3 cluster.py FILE WHAT"""
import sys
import time
import numpy as np

file, what = sys.argv[1:3]
x = np.loadtxt(file, delimiter=",")
start = time.perf_counter()
if what == "kmeans":
    from sklearn.cluster import KMeans
    start = time.perf_counter()
    value = KMeans(10, n_init=50, max_iter=300, random_state=1).fit(x).inertia_
elif what == "ward":
    from scipy.cluster.hierarchy import linkage
    start = time.perf_counter()
    value = linkage(x[:5000], "ward")[-1, 2]
elif what == "transport":
    # scipy has no solver for transport but that for linear programs; its assignment of equal masses is the
    # nearest thing of this size.
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist
    cost = cdist(x[:2000], x[2000:4000], "sqeuclidean")
    start = time.perf_counter()
    rows, cols = linear_sum_assignment(cost)
    value = cost[rows, cols].mean()
else:
    sys.exit()
print(what, f"{time.perf_counter() - start:.3f} {value:.9f}")
