"""Reads what the example `export` has written."""

import sys
import time

import numpy as np

FOLDER = sys.argv[1]
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
SESSIONS, SYMBOLS = (int(n) for n in open(f"{FOLDER}/shape.txt").read().split())
# What `q_core` and `ranks` read, by the names of the columns of the panel.
FIELDS = [
    "close",
    "total_return",
    "closes_observed",
    "fx",
    "listed_shares",
    "ttm(net_income)",
    "ttm_year_ago(net_income)",
    "quarter(book_equity, 0)",
    "quarter_year_ago(book_equity, 0)",
    "estimate(fy1)",
    "estimate(fy2)",
    "estimate(fy1_90d)",
    "estimate(fy2_90d)",
]


def matrix(name):
    return np.fromfile(f"{FOLDER}/{name}.f64").reshape(SESSIONS, SYMBOLS)


def timed(run):
    """Returns the median time of some runs in seconds, after one to warm up, and the result."""
    result, times = run(), []
    for _ in range(RUNS):
        start = time.perf_counter()
        result = run()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2], result


def compare(name, ours, theirs, tolerance):
    """Fails unless both are missing in the same places and agree elsewhere."""
    assert (np.isnan(ours) == np.isnan(theirs)).all(), f"{name}: missing in other places"
    gap = np.nanmax(np.abs(ours - theirs) - tolerance * np.abs(ours))
    assert gap <= tolerance, f"{name}: {gap}"
    print(f"{name}: {int((~np.isnan(ours)).sum())} values agree")
