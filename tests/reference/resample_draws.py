#!/usr/bin/env python3
"""Rows that the bootstrap of valuemap draws, written anew from the papers, so that R resamples the same respondents.

xoshiro256++ (Blackman & Vigna 2021), its state filled by splitmix64 (Steele, Lea & Flood 2014); whole numbers by Lemire
(2019); n - 1 of the n respondents of each stratum (Rao & Wu 1988). Respondents are in the order of their answers.

    resample_draws.py SEED REPLICATES FILE    FILE: stratum, weight and answers of each respondent, tab, NA = missing;
                                              prints the respondents (lines of FILE from 0) stratum after stratum, then a
                                              line per replicate: how often each line of FILE was drawn
"""
import sys

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
    for key, number in rows:
        strata.setdefault(key[2], []).append(number)
    print("\t".join(str(number) for name in sorted(strata) for number in strata[name]))
    for b in range(replicates):
        stream, count = Stream(seed, b), [0] * (number_of_lines(sys.argv[3]))
        for name in sorted(strata):
            members = strata[name]
            if len(members) == 1:
                count[members[0]] = 1
            for _ in range(len(members) - 1):
                count[members[stream.below(len(members))]] += 1
        print("\t".join(map(str, count)))


def number_of_lines(name):
    return sum(1 for _ in open(name))


main()
