"""q_core in wide pandas: a frame per field, rows are sessions, columns are symbols.

The pivoting into wide frames is not timed. Run as README.md says.
"""

import numpy as np
import pandas as pd
from folder import FIELDS, compare, matrix, timed

GROUPS = {
    "value": ["ey_ttm", "bm"],
    "price": ["mom_12_1", "rev_1m"],
    "quality": ["roe"],
    "earnings": ["eg_sym", "em_3m"],
}


def growth(now, then):
    size = (now.abs() + then.abs()) / 2
    return ((now - then) / size).where(size > 0)


def factors(f):
    income, book = f["ttm(net_income)"], f["quarter(book_equity, 0)"]
    before = f["quarter_year_ago(book_equity, 0)"]
    cap = f["close"] * f["listed_shares"]
    index, closes = f["total_return"], f["closes_observed"]
    average = ((book + before) / 2).where(before > 0).where(before.notna(), book).where(book > 0)
    first = growth(f["estimate(fy1)"], f["estimate(fy1_90d)"])
    second = growth(f["estimate(fy2)"], f["estimate(fy2_90d)"])
    momentum = index.shift(21) / index.shift(252) - 1
    return {
        "ey_ttm": income * f["fx"] / cap,
        "bm": (book * f["fx"] / cap).where(book > 0),
        "mom_12_1": momentum.where(closes - closes.shift(252) >= 200),
        "rev_1m": 1 - index / index.shift(21),
        "roe": income / average,
        "eg_sym": growth(income, f["ttm_year_ago(net_income)"]),
        "em_3m": ((first + second) / 2).fillna(first).fillna(second),
    }


def z(values):
    scores = values.sub(values.mean(axis=1), axis=0).div(values.std(axis=1, ddof=0), axis=0)
    flat = (values.max(axis=1) - values.min(axis=1)) <= 1e-12
    if flat.any():
        scores.loc[flat] = values.loc[flat] * 0.0
    return scores


def q_core(f):
    universe = f["close"].notna()
    scaled = {}
    raw = factors(f)
    for name, values in raw.items():
        values = values.where(universe)
        bounds = values.quantile([0.05, 0.95], axis=1)
        clipped = values.clip(bounds.loc[0.05], bounds.loc[0.95], axis=0)
        scaled[name] = z(clipped).clip(-3, 3)
    composite = coverage = 0.0
    for members in GROUPS.values():
        share = 1 / len(members)
        known = sum(scaled[name].notna() * share for name in members)
        total = sum(scaled[name].fillna(0.0) * share for name in members)
        composite = composite + 0.25 * z(total.where(known > 0)).fillna(0.0)
        coverage = coverage + 0.25 * known
    eligible = universe & (coverage >= 0.60 - 1e-12) & raw["mom_12_1"].notna()
    composite = composite.where(eligible)
    rounded = composite.round(12)
    count = rounded.count(axis=1)
    score = 100 * rounded.rank(axis=1).sub(1).div(count - 1, axis=0)
    # Symbols ascend, so of ties the first, the alphabetically smaller one, is the better.
    place = rounded.rank(axis=1, method="first", ascending=False)
    ordinal = place.rsub(count + 1, axis=0)
    decile = np.floor((ordinal - 1).mul(10).div(count, axis=0)) + 1
    return composite, score, ordinal, decile.where(count >= 10), coverage


frames = {name: pd.DataFrame(matrix(name)) for name in FIELDS}
seconds, (composite, score, *_) = timed(lambda: q_core(frames))
compare("composite", matrix("q_core.composite"), composite.to_numpy(), 1e-9)
compare("q_score", matrix("q_core.q_score"), score.to_numpy(), 1e-9)
print(f"wide pandas {pd.__version__}: median {seconds * 1e3:.0f} ms")
