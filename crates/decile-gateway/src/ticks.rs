//! Where prices come from that move by themselves.

use crate::Error;
use chrono::{DateTime, TimeDelta, Utc};
use decile_core::{Price, Shares, Symbol};
use std::sync::Arc;
use std::time::Duration;

/// Prices that move with the clock of a gateway: a path of a seed, or one that was recorded.
///
/// ```
/// use decile_gateway::{Gateway, GatewayConfig, Ticks, Venue};
///
/// // Every stock takes a step each second, around the price that its venue begins with.
/// let config = GatewayConfig::new(Venue::large_us(1)).ticks(Ticks::walk(7));
/// let gateway = Gateway::start(config)?;
///
/// let recorded = "time,symbol,bid,ask,last,size\n2026-08-25T14:30:00Z,KO,59.98,60.02,60,300\n";
/// gateway.set_ticks(Ticks::read("ko.csv", recorded)?);
/// # Ok::<(), decile_gateway::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ticks(pub(crate) Source);

#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// Steps of a seed, so far apart.
    Walk { seed: u64, every: TimeDelta },
    /// Ticks in the order of their times.
    Path(Arc<[Tick]>),
}

/// What a stock traded at, at an instant.
///
/// ```
/// use decile_core::Shares;
/// use decile_gateway::{Tick, Ticks};
///
/// let tick = Tick {
///     time: "2026-08-25T14:30:00Z".parse()?,
///     symbol: "KO".parse()?,
///     bid: Some("59.98".parse()?),
///     ask: Some("60.02".parse()?),
///     last: None,
///     size: Some(Shares::new(300)),
/// };
/// let ticks = Ticks::path([tick]);
/// assert!(ticks.first().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// When.
    pub time: DateTime<Utc>,
    /// The stock. One that was not listed is from then on.
    pub symbol: Symbol,
    /// Best price at which somebody buys. Like the next two it stays as it was if it is not told.
    pub bid: Option<Price>,
    /// Best price at which somebody sells.
    pub ask: Option<Price>,
    /// Price of the last trade, which moves stops.
    pub last: Option<Price>,
    /// Shares that can be dealt until the next tick, and that were traded if a last price is told.
    /// Untold, it is what [`MarketRules`](crate::MarketRules) say.
    pub size: Option<Shares>,
}

impl Ticks {
    /// Lets every stock take a step each second from where it stands, a random walk of a basis point
    /// or so, as of a stock that moves 1.5 % a day. It never goes far: every 32,768 steps it is back
    /// in the middle of its path. Its steps depend on the seed, the stock and the time alone, so that
    /// a clock may be stepped or run at any speed.
    #[must_use]
    pub fn walk(seed: u64) -> Self {
        Self(Source::Walk { seed, every: TimeDelta::seconds(1) })
    }

    /// Sets how far apart the steps of a walk are, a millisecond at least; a recorded path has
    /// times of its own.
    #[must_use]
    pub fn every(self, step: Duration) -> Self {
        match self.0 {
            Source::Walk { seed, .. } => {
                let step = TimeDelta::from_std(step).unwrap_or(TimeDelta::MAX);
                Self(Source::Walk { seed, every: step.max(TimeDelta::milliseconds(1)) })
            }
            Source::Path(_) => self,
        }
    }

    /// Plays ticks at their times; of one instant they come as they stand. What was before the
    /// clock's beginning is there from the beginning.
    #[must_use]
    pub fn path(ticks: impl IntoIterator<Item = Tick>) -> Self {
        let mut ticks: Vec<Tick> = ticks.into_iter().collect();
        ticks.sort_by_key(|tick| tick.time);
        Self(Source::Path(ticks.into()))
    }

    /// Reads ticks from CSV: a line `time,symbol,bid,ask,last,size`, and then one for each. Times
    /// are written as in `2026-08-25T10:30:00-04:00`; what stays as it was is left empty.
    ///
    /// # Errors
    /// [`Error::Ticks`] with the line of what cannot be read.
    pub fn read(file: &str, text: &str) -> Result<Self, Error> {
        let mut lines = text.lines().enumerate();
        let wrong = |index: usize, reason: String| Error::Ticks {
            file: file.to_owned(),
            line: index + 1,
            reason,
        };
        if lines.next().map(|(_, header)| header.trim()) != Some(HEADER) {
            return Err(wrong(0, format!("the first line is {HEADER}")));
        }
        let ticks = lines
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(index, line)| tick(line).map_err(|reason| wrong(index, reason)));
        ticks.collect::<Result<Vec<Tick>, Error>>().map(Self::path)
    }

    /// Returns the time of the first recorded tick; nothing of a walk, which has no beginning.
    #[must_use]
    pub fn first(&self) -> Option<DateTime<Utc>> {
        match &self.0 {
            Source::Walk { .. } => None,
            Source::Path(ticks) => ticks.first().map(|tick| tick.time),
        }
    }
}

const HEADER: &str = "time,symbol,bid,ask,last,size";

fn tick(line: &str) -> Result<Tick, String> {
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    let [time, symbol, bid, ask, last, size] = cells[..] else {
        return Err(format!("write six values: {HEADER}"));
    };
    let price = |name: &str, text: &str| {
        let read = || text.parse::<Price>().map_err(|error| format!("{name}: {error}"));
        if text.is_empty() { Ok(None) } else { read().map(Some) }
    };
    let size =
        match size {
            "" => None,
            text => Some(text.parse().ok().filter(|size| *size >= 0).map(Shares::new).ok_or_else(
                || format!("size {text:?} is no number of shares: write a whole one, or nothing"),
            )?),
        };
    Ok(Tick {
        time: time
            .parse()
            .map_err(|_| format!("time {time:?} is not as in 2026-08-25T10:30:00-04:00"))?,
        symbol: symbol.parse().map_err(|error: decile_core::Error| error.to_string())?,
        bid: price("bid", bid)?,
        ask: price("ask", ask)?,
        last: price("last", last)?,
        size,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        let fault = |text: &str| Ticks::read("t.csv", text).unwrap_err().to_string();
        assert!(fault("").starts_with("t.csv, line 1: the first line is time,"));
        let after = |line: &str| fault(&format!("{HEADER}\n2026-08-25T14:30:00Z,KO,,,60,\n{line}"));
        assert_eq!(after("KO"), format!("t.csv, line 3: write six values: {HEADER}"));
        assert!(after("10:30,KO,1,2,3,4").contains("line 3: time \"10:30\" is not as in"));
        assert!(after("2026-08-25T14:30:00Z,KO,-1,2,3,4").contains("line 3: bid: "));
        assert!(after("2026-08-25T14:30:00Z,KO,1,2,3,x").contains("line 3: size \"x\""));
    }

    #[test]
    fn ticks_come_in_the_order_of_their_times() {
        let text = format!(
            "{HEADER}\n2026-08-25T10:30:01-04:00,KO,,,61,\n\n2026-08-25T14:30:00Z,KO,59,60,,300\n"
        );
        let ticks = Ticks::read("t.csv", &text).unwrap();
        let Source::Path(path) = &ticks.0 else { panic!("{ticks:?}") };
        assert_eq!(ticks.first(), Some(path[0].time));
        assert_eq!(path[0].size, Some(Shares::new(300)));
        assert_eq!((path[1].bid, path[1].last), (None, Some("61".parse().unwrap())));
    }
}
