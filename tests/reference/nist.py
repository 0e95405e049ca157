# Certified values of NIST StRD (Statistical Reference Datasets, National Institute of Standards and Technology, public
# domain): linear regression and univariate statistics. Run in this folder:  python3 nist.py
# The certified digits stand below as NIST gives them; they are compared with exact rational arithmetic on the same data,
# so that a slip of the pen in data or digits does not pass. Tolerances are the figures that a program in double
# precision can reach: DIGITS of relative accuracy, 15 at most.
from fractions import Fraction as F

norris = """0.1 0.2 338.8 337.4 118.1 118.2 888.0 884.6 9.2 10.1 228.1 226.5 668.5 666.3 998.5 996.3 449.1 448.6 778.9 777.0
559.2 558.2 0.3 0.4 0.1 0.6 778.1 775.5 668.8 666.9 339.3 338.0 448.9 447.5 10.8 11.6 557.7 556.0 228.3 228.1 998.0 995.8
888.8 887.6 119.6 120.2 0.3 0.3 0.6 0.3 557.6 556.8 339.3 339.1 888.0 887.2 998.5 999.0 778.9 779.0 10.2 11.1 117.6 118.3
228.9 229.2 668.4 669.1 449.2 448.9 0.2 0.5"""
longley = """60323 83.0 234289 2356 1590 107608 1947 61122 88.5 259426 2325 1456 108632 1948
60171 88.2 258054 3682 1616 109773 1949 61187 89.5 284599 3351 1650 110929 1950 63221 96.2 328975 2099 3099 112075 1951
63639 98.1 346999 1932 3594 113270 1952 64989 99.0 365385 1870 3547 115094 1953 63761 100.0 363112 3578 3350 116219 1954
66019 101.2 397469 2904 3048 117388 1955 67857 104.6 419180 2822 2857 118734 1956 68169 108.4 442769 2936 2798 120445 1957
66513 110.8 444546 4681 2637 121950 1958 68655 112.6 482704 3813 2552 123366 1959 69564 114.2 502601 3931 2514 125368 1960
69331 115.7 518173 4806 2572 127852 1961 70551 116.9 554894 4007 2827 130081 1962"""
filip = """0.8116 -6.860120914 0.9072 -4.324130045 0.9052 -4.358625055 0.9039 -4.358426747 0.8053 -6.955852379
0.8377 -6.661145254 0.8667 -6.355462942 0.8809 -6.118102026 0.7975 -7.115148017 0.8162 -6.815308569 0.8515 -6.519993057
0.8766 -6.204119983 0.8885 -5.853871964 0.8859 -6.109523091 0.8959 -5.79832982 0.8913 -5.482672118 0.8959 -5.171791386
0.8971 -4.851705903 0.9021 -4.517126416 0.909 -4.143573228 0.9139 -3.709075441 0.9199 -3.499489089 0.8692 -6.300769497
0.8872 -5.953504836 0.89 -5.642065153 0.891 -5.031376979 0.8977 -4.680685696 0.9035 -4.329846955 0.9078 -3.928486195
0.7675 -8.56735134 0.7705 -8.363211311 0.7713 -8.107682739 0.7736 -7.823908741 0.7775 -7.522878745 0.7841 -7.218819279
0.7971 -6.920818754 0.8329 -6.628932138 0.8641 -6.323946875 0.8804 -5.991399828 0.7668 -8.781464495 0.7633 -8.663140179
0.7678 -8.473531488 0.7697 -8.247337057 0.77 -7.971428747 0.7749 -7.676129393 0.7796 -7.352812702 0.7897 -7.072065318
0.8131 -6.774174009 0.8498 -6.478861916 0.8741 -6.159517513 0.8061 -6.835647144 0.846 -6.53165267 0.8751 -6.224098421
0.8856 -5.910094889 0.8919 -5.598599459 0.8934 -5.290645224 0.894 -4.974284616 0.8957 -4.64454848 0.9047 -4.290560426
0.9129 -3.885055584 0.9209 -3.408378962 0.9219 -3.13200249 0.7739 -8.726767166 0.7681 -8.66695597 0.7665 -8.511026475
0.7703 -8.165388579 0.7702 -7.886056648 0.7761 -7.588043762 0.7809 -7.283412422 0.7961 -6.995678626 0.8253 -6.691862621
0.8602 -6.392544977 0.8809 -6.067374056 0.8301 -6.684029655 0.8664 -6.378719832 0.8834 -6.065855188 0.8898 -5.752272167
0.8964 -5.132414673 0.8963 -4.811352704 0.9074 -4.098269308 0.9119 -3.66174277 0.9228 -3.2644011"""
wampler3 = [760, -2042, 2111, -1684, 3888, 1858, 11379, 17560, 39287, 64382, 113159, 175108, 273291, 400186, 581243, 811568,
            1121004, 1506550, 2002767, 2611612, 3369180]
wampler4 = [75901, -204794, 204863, -204436, 253665, -200894, 214131, -185192, 221249, -138370, 315911, -27644, 455253,
            197434, 783995, 608816, 1370781, 1303798, 2205519, 2408860, 3444321]
wampler5 = [7590001, -20479994, 20480063, -20479636, 25231365, -20476094, 20489331, -20460392, 18417449, -20413570, 20591111,
            -20302844, 18651453, -20077766, 21059195, -19666384, 26348481, -18971402, 22480719, -17866340, 10958421]


def rows(text, width):
    cells = [F(c) for c in text.split()]
    return [cells[i:i + width] for i in range(0, len(cells), width)]


def powers(pairs, degree):
    return [[y] + [x ** d for d in range(1, degree + 1)] for y, x in pairs]


def at(y):
    return [[y[i], F(i)] for i in range(21)]


sets = {  # y and predictors, certified coefficients, their standard errors, R squared; digits of both that are attainable
    "norris": (rows(norris, 2), [-0.262323073774029, 1.00211681802045], [0.232818234301152, 0.000429796848199937],
               0.999993745883712, 13, 13),
    "longley": (rows(longley, 7),
                [-3482258.63459582, 15.0618722713733, -0.0358191792925910, -2.02022980381683, -1.03322686717359,
                 -0.0511041056535807, 1829.15146461355],
                [890420.383607373, 84.9149257747669, 0.0334910077722432, 0.488399681651699, 0.214274163161675,
                 0.226073200069370, 455.478499142212], 0.995479004577296, 13, 12),
    "wampler1": (powers(at([sum(F(x) ** d for d in range(6)) for x in range(21)]), 5), [1.0] * 6, [0.0] * 6, 1.0, 12, 0),
    "wampler2": (powers(at([sum(F(x) ** d / 10 ** d for d in range(6)) for x in range(21)]), 5),
                 [1.0, .1, .01, .001, .0001, .00001], [0.0] * 6, 1.0, 13, 0),
    "wampler3": (powers(at([F(y) for y in wampler3]), 5), [1.0] * 6,
                 [2152.32624678170, 2363.55173469681, 779.343524331583, 101.475507550350, 5.64566512170752,
                  0.112324854679312], 0.999995559025820, 13, 13),
    "wampler4": (powers(at([F(y) for y in wampler4]), 5), [1.0] * 6,
                 [215232.624678170, 236355.173469681, 77934.3524331583, 10147.5507550350, 564.566512170752,
                  11.2324854679312], 0.957478440825662, 11, 13),
    "wampler5": (powers(at([F(y) for y in wampler5]), 5), [1.0] * 6,
                 [21523262.4678170, 23635517.3469681, 7793435.24331583, 1014755.07550350, 56456.6512170752,
                  1123.24854679312], 0.00224668921574940, 9, 13),
    "filip": (powers(rows(filip, 2), 10),
              [-1467.48961422980, -2772.17959193342, -2316.37108160893, -1127.97394098372, -354.478233703349, -75.1242017393757,
               -10.8753180355343, -1.06221498588947, -0.0670191154593408, -0.00246781078275479, -0.0000402962525080404], None,
              0.996727416185620, 10, 0),
}


def solve(a, b):  # Gauss, exact
    n = len(a)
    m = [r[:] + c[:] for r, c in zip(a, b)]
    for i in range(n):
        k = next(r for r in range(i, n) if m[r][i])
        m[i], m[k] = m[k], m[i]
        m[i] = [v / m[i][i] for v in m[i]]
        for r in range(n):
            if r != i and m[r][i]:
                m[r] = [v - m[r][i] * u for v, u in zip(m[r], m[i])]
    return [r[n:] for r in m]


def exact(data):
    x = [[F(1)] + r[1:] for r in data]
    y = [r[0] for r in data]
    q = len(x[0])
    xx = [[sum(r[i] * r[j] for r in x) for j in range(q)] for i in range(q)]
    inverse = solve(xx, [[F(i == j) for j in range(q)] for i in range(q)])
    xy = [sum(r[i] * v for r, v in zip(x, y)) for i in range(q)]
    b = [sum(inverse[i][j] * xy[j] for j in range(q)) for i in range(q)]
    left = sum((v - sum(c * u for c, u in zip(b, r))) ** 2 for r, v in zip(x, y))
    mean = sum(y) / len(y)
    s2 = left / (len(y) - q)
    return b, [float(s2 * inverse[i][i]) ** .5 for i in range(q)], 1 - left / sum((v - mean) ** 2 for v in y)


def near(a, b):
    return abs(float(a) - b) <= 1e-13 * abs(b) + (1e-300 if b else 1e-12)


out = open("nist.tsv", "w")
out.write("# made by nist.py: certified values of NIST StRD, checked with exact rational arithmetic\n"
          "quantity\trow\tcol\tvalue\ttolerance\tsource\n")


def put(quantity, values, digits, source):  # a list, or a list of rows
    table = values if isinstance(values[0], list) else [[v] for v in values]
    for i, row in enumerate(table):
        for j, v in enumerate(row):
            tolerance = abs(v) * 10.0 ** -digits if digits else 0
            out.write("%s\t%d\t%d\t%.17g\t%.3g\t%s\n" % (quantity, i + 1, j + 1, v, tolerance, source))


for name, (data, b, se, r2, digits, digits_se) in sets.items():
    eb, ese, er2 = exact(data)
    assert all(near(u, v) for u, v in zip(eb, b)), (name, [float(u) for u in eb], b)
    assert se is None or all(near(u, v) for u, v in zip(ese, se)), (name, ese, se)
    assert near(er2, r2), (name, float(er2), r2)
    put(name + "_data", [[float(v) for v in r] for r in data], 0, "NIST StRD")
    put(name + "_b", b, digits, "NIST StRD, certified")
    if digits_se:
        put(name + "_se", se, digits_se, "NIST StRD, certified")
    put(name + "_r2", [r2], 12, "NIST StRD, certified")

# univariate: NumAcc1 .. NumAcc4; sd with divisor n - 1. The ceiling is what the nearest doubles of the data allow.
numacc = {1: ([F(10000001), F(10000003), F(10000002)], 10000002.0, 1.0, 14, 14),
          2: ([F("1.2")] + [F("1.1"), F("1.3")] * 500, 1.2, .1, 14, 14),
          3: ([F("1000000.2")] + [F("1000000.1"), F("1000000.3")] * 500, 1000000.2, .1, 14, 9.4),
          4: ([F("10000000.2")] + [F("10000000.1"), F("10000000.3")] * 500, 10000000.2, .1, 14, 8.2)}
for k, (data, mean, sd, digits, digits_sd) in numacc.items():
    m = sum(data) / len(data)
    assert near(m, mean) and near(float(sum((v - m) ** 2 for v in data) / (len(data) - 1)) ** .5, sd), k
    put("numacc%d_data" % k, [float(v) for v in data], 0, "NIST StRD")
    put("numacc%d_mean" % k, [mean], digits, "NIST StRD, certified")
    put("numacc%d_sd" % k, [sd], digits_sd, "NIST StRD, certified")
out.close()
