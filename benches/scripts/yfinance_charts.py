"""Measures yfinance on the replies that `yahoo_universe DIR` writes, fed to it without a network.

    cargo run --release -p decile-benches --example yahoo_universe -- DIR
    pip install yfinance
    python benches/scripts/yfinance_charts.py DIR
"""

import json
import logging
import pathlib
import resource
import statistics
import sys
import time
import urllib.parse
import warnings

import yfinance
import yfinance.data

FOLDER = pathlib.Path(sys.argv[1])
BARS = 2500


class Reply:
    status_code = 200
    reason = "OK"

    def __init__(self, url):
        path = urllib.parse.urlparse(url).path
        file = FOLDER / f"{BARS}{path.replace('/', '_')}"
        self.content = BODIES.setdefault(file, file.read_bytes())
        self.url = url

    @property
    def text(self):
        return self.content.decode()

    def json(self):
        return json.loads(self.content)

    def raise_for_status(self):
        pass


BODIES = {}


def answer(self, url, *arguments, **named):
    return Reply(url)


for name in ("get", "cache_get", "get_raw_json"):
    if hasattr(yfinance.data.YfData, name):
        raw = name == "get_raw_json"
        setattr(
            yfinance.data.YfData,
            name,
            (lambda self, url, *a, **k: Reply(url).json()) if raw else answer,
        )


def chart(stock):
    ticker = yfinance.Ticker(stock)
    ticker._tz = "America/New_York"
    frame = ticker.history(
        start="1980-01-01", end="2030-01-01", auto_adjust=False, actions=True
    )
    assert len(frame) == BARS, len(frame)


def stock(name):
    chart(name)
    ticker = yfinance.Ticker(name)
    assert len(ticker.quarterly_income_stmt.columns) == 5
    assert len(ticker.quarterly_balance_sheet.columns) == 5
    assert len(ticker.earnings_estimate) == 4
    assert len(ticker.eps_trend) == 4
    assert ticker.info["trailingPE"] == 20.5


def median(work, rounds):
    work()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e3


logging.disable(logging.CRITICAL)
# Printing them would be timed.
warnings.simplefilter("ignore")
for BARS in (2500, 10000):
    print(f"chart of {BARS} bars: {median(lambda: chart('QZ0'), 15):.1f} ms")
BARS = 2500
universe = median(lambda: [stock(f"QZ{n}") for n in range(30)], 3)
print(f"30 stocks: {universe:.0f} ms")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(f"peak memory {peak / 1024:.0f} MB, yfinance {yfinance.__version__}")
