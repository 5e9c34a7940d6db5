use super::History;
use crate::exact::{exact, percent};
use crate::journal::check_account;
use crate::plan::refuse_invalid;
use crate::risk::seconds;
use crate::{Broker, Error, Journal, JournalRecord};
use chrono::{DateTime, Utc};
use decile_core::{Calendar, Clock, Decimal, Money};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How much may be lost before nothing more is bought.
///
/// A loss of the day is measured from the last look at the account on an earlier day, however long ago
/// that was, or from the first look of the day if there is none before; and a drawdown from the most that
/// the account was ever worth. One look may be a bad tick, so it takes several in a row, some time apart;
/// then it is latched in the journal, and only a [reset by a person](JournalRecord::LossReset) lifts it.
///
/// Looks know nothing of deposits and withdrawals. Money that is taken out of the account counts as a
/// loss: reset it then. Money that is put in hides as large a loss until the next day, and raises the peak.
///
/// ```
/// use decile_trade::LossLimits;
///
/// let limits = LossLimits::default();
/// assert_eq!((limits.daily_max.to_string(), limits.drawdown_max.to_string()), ("0.03".into(), "0.15".into()));
/// assert_eq!(limits.reads, 3);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LossLimits {
    /// Largest loss since the last look of an earlier day, or the first of the day if there is none, as a
    /// fraction of what there was then.
    pub daily_max: Decimal,
    /// Largest loss since the peak, as a fraction of the peak.
    pub drawdown_max: Decimal,
    /// How many looks in a row must find too much lost.
    pub reads: u32,
    /// How far apart they are.
    #[serde(with = "seconds")]
    pub interval: Duration,
}

impl Default for LossLimits {
    fn default() -> Self {
        Self {
            daily_max: Decimal::new(3, 2),
            drawdown_max: Decimal::new(15, 2),
            reads: 3,
            interval: Duration::from_secs(2),
        }
    }
}

/// What became of a look at the losses.
///
/// ```
/// use decile_trade::LossState;
///
/// assert!(LossState::Within.latched().is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LossState {
    /// The account may buy.
    Within,
    /// Too much was lost, now or before: nothing may be bought.
    Latched {
        /// How much of what.
        reason: String,
    },
}

impl LossState {
    /// Returns why nothing may be bought, if so.
    #[must_use]
    pub fn latched(&self) -> Option<&str> {
        match self {
            Self::Within => None,
            Self::Latched { reason } => Some(reason),
        }
    }
}

impl LossLimits {
    /// Refuses limits that are none.
    ///
    /// # Errors
    /// [`Error::InvalidRule`] with the key.
    pub fn check(&self) -> Result<(), Error> {
        let share = "above 0 and below 1";
        let is_share = |number: Decimal| number > Decimal::ZERO && number < Decimal::ONE;
        let interval = Decimal::from(self.interval.as_secs());
        refuse_invalid([
            ("losses.daily_max", self.daily_max, is_share(self.daily_max), share),
            ("losses.drawdown_max", self.drawdown_max, is_share(self.drawdown_max), share),
            ("losses.reads", self.reads.into(), (1..=100).contains(&self.reads), "from 1 to 100"),
            (
                "losses.interval",
                interval,
                self.interval <= Duration::from_secs(60),
                "at most 60 seconds",
            ),
        ])
    }

    /// Looks at the account, and latches if too much was lost. To be called before a plan is made, and
    /// once its orders are done; every look is written down, and is what the next ones are measured by.
    ///
    /// Dropping the future leaves looks that were written.
    ///
    /// # Errors
    /// Limits that are none, a broker that does not say what the account is worth, a journal that cannot
    /// be read or written, and [`Error::ForeignJournal`], with nothing written, if it is that of another
    /// account.
    pub async fn watch(
        &self,
        broker: &dyn Broker,
        journal: &dyn Journal,
        clock: &dyn Clock,
    ) -> Result<LossState, Error> {
        self.check()?;
        let records = journal.replay()?;
        let mut account = broker.account().await?;
        check_account(&records, &account.id)?;
        let mut history = History::of(records)?;
        for read in 1..=self.reads {
            if read > 1 {
                tokio::time::sleep(self.interval).await;
                account = broker.account().await?;
            }
            let (equity, at) = (account.equity, clock.now());
            journal.append(&[JournalRecord::Equity { equity, at }])?;
            history.see(equity, at);
            if let Some(reason) = history.latched() {
                return Ok(LossState::Latched { reason: reason.to_owned() });
            }
            let Some(reason) = self.beyond(&history, equity, at) else {
                return Ok(LossState::Within);
            };
            if read == self.reads {
                journal.append(&[JournalRecord::LossLatched { reason: reason.clone(), at }])?;
                return Ok(LossState::Latched { reason });
            }
        }
        Ok(LossState::Within)
    }

    /// Returns what was lost too much of, if anything was.
    fn beyond(&self, history: &History, equity: Money, at: DateTime<Utc>) -> Option<String> {
        let today = Calendar::nyse().local_date(at);
        let told = |from: Money, most: Decimal, what: &str| {
            // Of nothing, nothing is left to lose.
            let from = Some(from).filter(|from| *from > Money::ZERO)?;
            let lost = (exact(from.get()) - exact(equity.get())) / exact(from.get());
            (lost >= exact(most)).then(|| {
                let (lost, most) = (percent(&lost), percent(&exact(most)));
                format!("{equity} is {lost} below {from}, {what}: the limit is {most}")
            })
        };
        let of_the_day = || {
            let (date, from) = history.equity_before(today)?;
            let what = match date == today {
                true => "the first look of the day".to_owned(),
                false => format!("the last look of {date}"),
            };
            told(from, self.daily_max, &what)
        };
        of_the_day().or_else(|| told(history.peak()?, self.drawdown_max, "the peak"))
    }
}
