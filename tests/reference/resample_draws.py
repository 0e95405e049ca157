#!/usr/bin/env python3
"""Rows that the bootstrap of valuemap draws, written anew from the papers, so that R resamples the same respondents.

xoshiro256++ (Blackman & Vigna 2021), its state filled by splitmix64 (Steele, Lea & Flood 2014); whole numbers by Lemire
(2019); n - 1 of the n respondents of each stratum (Rao & Wu 1988). Respondents are in the order of their answers. Each
first gets a count with Poisson's distribution of mean 31/32 (inversion, 16 bits of a number each, 48 more where they do not
decide); then draws are added to each stratum, or taken back, until they are n - 1.

    resample_draws.py SEED REPLICATES FILE    FILE: stratum, weight and answers of each respondent, tab, NA = missing;
                                              prints the respondents (lines of FILE from 0) stratum after stratum, then a
                                              line per replicate: how often each line of FILE was drawn
"""
import sys
from decimal import Decimal, getcontext

getcontext().prec = 60
MEAN = Decimal(31) / 32
MASK = (1 << 64) - 1


class Stream:
    def __init__(self, seed, stream):
        self.x = seed & MASK
        self.x = self.spread() ^ (stream * 0xD1342543DE82EF95 & MASK)
        self.s = [self.spread() for _ in range(4)]

    def spread(self):
        self.x = (self.x + 0x9E3779B97F4A7C15) & MASK
        z = self.x
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
        return z ^ z >> 31

    def next(self):
        def left(x, k):
            return (x << k | x >> (64 - k)) & MASK
        s = self.s
        result = (left((s[0] + s[3]) & MASK, 23) + s[0]) & MASK
        t = s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = left(s[3], 45)
        return result

    def below(self, n):
        product = self.next() * n
        if product & MASK < n:
            while product & MASK < (1 << 64) % n:
                product = self.next() * n
        return product >> 64


def distribution():
    """2^64 times Poisson's distribution function, rounded down, as far as it is below 2^64 - 1."""
    term, total, out = (-MEAN).exp(), Decimal(0), []
    while True:
        total += term
        term *= MEAN / (len(out) + 1)
        if int(total * 2 ** 64) == MASK:
            return out
        out.append(int(total * 2 ** 64))


BELOW = distribution()


def poisson(u):
    return sum(c <= u for c in BELOW)


def draw(stream, strata, rows):
    """Counts of the respondents 0 .. rows - 1; strata: lists of them."""
    upper = []
    for _ in range(0, rows, 4):
        x = stream.next()
        upper += [x >> 16 * i & 0xFFFF for i in range(4)]
    count = []
    for u in upper[:rows]:
        least, most = poisson(u << 48), poisson(u << 48 | (1 << 48) - 1)
        count.append(least if least == most else poisson(u << 48 | stream.next() >> 16))
    for members in strata:
        n, have = len(members), sum(count[m] for m in members)
        bits = max(count[m] for m in members).bit_length()
        wanted = n - 1 if n > 1 else 1
        while have < wanted:
            count[members[stream.below(n)]] += 1
            have += 1
        while have > wanted:
            x = stream.below(n << bits)
            if x % (1 << bits) < count[members[x >> bits]]:
                count[members[x >> bits]] -= 1
                have -= 1
    return count


def main():
    seed, replicates = int(sys.argv[1]), int(sys.argv[2])
    rows = []
    for number, line in enumerate(open(sys.argv[3])):
        cells = line.split()
        answers = [None if c == "NA" else float(c) for c in cells[2:]]
        gaps = [a is None for a in answers]
        # complete respondents first, then by pattern of missing answers, stratum, answers, weight
        key = (sum(gaps), gaps, cells[0], [float("inf") if a is None else a for a in answers], float(cells[1]))
        if sum(gaps) < len(gaps):
            rows.append((key, number))
    rows.sort()
    strata = {}
    for place, (key, number) in enumerate(rows):
        strata.setdefault(key[2], []).append(place)
    strata = [strata[name] for name in sorted(strata)]
    print("\t".join(str(rows[place][1]) for members in strata for place in members))
    for b in range(replicates):
        count = [0] * number_of_lines(sys.argv[3])
        for place, c in enumerate(draw(Stream(seed, b), strata, len(rows))):
            count[rows[place][1]] = c
        print("\t".join(map(str, count)))


def number_of_lines(name):
    return sum(1 for _ in open(name))


main()
