"""The rank variant of the score in qweave, from a long polars frame in memory.

qweave has no z-score across stocks, so its groups are not standardised again, and it gives the rank of
the composite alone: less work than the preset `ranks`. Run as README.md says.
"""

import importlib.metadata

import numpy as np
import polars as pl
import qweave as qw
from folder import FIELDS, SESSIONS, SYMBOLS, matrix, timed
from scipy.stats import spearmanr

MISSING = qw.lit(float("nan"))


def growth(now, then):
    return (now - then) / ((now.abs() + then.abs()) / qw.lit(2.0))


def expressions():
    f = {name: qw.col(name) for name in FIELDS}
    income, book = f["ttm(net_income)"], f["quarter(book_equity, 0)"]
    before = f["quarter_year_ago(book_equity, 0)"]
    cap = f["close"] * f["listed_shares"]
    index, closes = f["total_return"], f["closes_observed"]
    momentum = index.delay(21) / index.delay(252) - qw.lit(1.0)
    first = growth(f["estimate(fy1)"], f["estimate(fy1_90d)"])
    second = growth(f["estimate(fy2)"], f["estimate(fy2_90d)"])
    enough = closes - closes.delay(252) >= qw.lit(200.0)
    average = qw.where_(before > qw.lit(0.0), (book + before) / qw.lit(2.0), book)
    factors = [
        income * f["fx"] / cap,
        qw.where_(book > qw.lit(0.0), book * f["fx"] / cap, MISSING),
        qw.where_(enough, momentum, MISSING),
        qw.lit(1.0) - index / index.delay(21),
        qw.where_(book > qw.lit(0.0), income / average, MISSING),
        growth(income, f["ttm_year_ago(net_income)"]),
        (first + second) / qw.lit(2.0),
    ]
    half = qw.lit(0.5)
    ranks = [factor.rank() - half for factor in factors]
    known = [qw.where_(rank == rank, rank, qw.lit(0.0)) for rank in ranks]
    quarter = qw.lit(0.25)
    composite = quarter * (
        half * (known[0] + known[1])
        + half * (known[2] + known[3])
        + known[4]
        + half * (known[5] + known[6])
    )
    eligible = qw.where_(ranks[2] == ranks[2], composite, MISSING)
    return [eligible.rank().alias("q_score")]


# By symbol and then by date: the order in which qweave works and answers, so it need not sort.
columns = {
    "date": np.tile(np.arange(SESSIONS, dtype=np.int32), SYMBOLS),
    "symbol": np.repeat(np.array([f"R{i:05d}" for i in range(SYMBOLS)]), SESSIONS),
}
columns |= {name: matrix(name).T.ravel() for name in FIELDS}
frame = pl.DataFrame(columns).with_columns(pl.col("date").cast(pl.Date))
alphas = expressions()
seconds, result = timed(lambda: qw.compute_alphas(frame, "symbol", "date", alphas))
ours = matrix("ranks.q_score")[-1]
theirs = result["q_score"].to_numpy().reshape(SYMBOLS, SESSIONS)[:, -1]
both = ~np.isnan(ours) & ~np.isnan(theirs)
agreement = spearmanr(ours[both], theirs[both]).statistic
assert agreement > 0.9, agreement
print(f"rank correlation with ours on the last session: {agreement:.3f}")
print(f"qweave {importlib.metadata.version('qweave')}: median {seconds * 1e3:.0f} ms")
