//! Whether a ranking may be traded on.

use crate::{Exclusion, Gates, RankedStock, Ranking};
use decile_factor::Source;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What may be done with a ranking.
///
/// ```
/// use decile_rank::Verdict;
///
/// assert_eq!(Verdict::ReportOnly.to_string(), "report only, no trading");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It may be traded on.
    Trade,
    /// It is to be looked at: its data are not what they should be.
    ReportOnly,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Trade => "may be traded on",
            Self::ReportOnly => "report only, no trading",
        })
    }
}

/// Names a gate; prints as its key in [`Gates`].
///
/// ```
/// use decile_rank::GateName;
///
/// assert_eq!(GateName::FactorCoverageMin.to_string(), "factor_coverage_min");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GateName {
    /// Enough of the universe is eligible.
    EligibleMin,
    /// Every factor is known of enough of the universe.
    FactorCoverageMin,
    /// No factor of statements or estimates changed its sign for too many stocks.
    SignChangeMax,
}

impl fmt::Display for GateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::EligibleMin => "eligible_min",
            Self::FactorCoverageMin => "factor_coverage_min",
            Self::SignChangeMax => "sign_change_max",
        })
    }
}

/// What one gate says.
///
/// ```
/// # use decile_data::SyntheticMarket;
/// # use decile_factor::{FactorRegistry, Panel};
/// # use decile_rank::Model;
/// #
/// # let market = SyntheticMarket::default().years(2).generate()?;
/// # let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
/// # let panel = Panel::new(&market, &model.fields());
/// // Ten sessions have no momentum of a year, so nothing is eligible.
/// let ranking = model.score(&panel, panel.sessions()[9])?.rank();
/// let report = ranking.check(None);
/// let closed = report.closed().next().expect("a gate");
/// assert_eq!(closed.reason, "0 of 29 stocks are eligible (0.0 %), 80.0 % are needed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GateCheck {
    /// The gate.
    pub name: GateName,
    /// Whether it lets the ranking through.
    pub is_open: bool,
    /// What was found, and what is asked for.
    pub reason: String,
}

/// What the gates of a model say about a ranking; [`Ranking::check`] makes one.
///
/// ```
/// # use decile_data::SyntheticMarket;
/// # use decile_factor::{FactorRegistry, Panel};
/// # use decile_rank::Model;
/// use decile_rank::Verdict;
///
/// # let market = SyntheticMarket::default().years(2).generate()?;
/// # let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
/// # let panel = Panel::new(&market, &model.fields());
/// let last = panel.sessions().len() - 1;
/// let before = model.score(&panel, panel.sessions()[last - 1])?.rank();
/// let ranking = model.score(&panel, panel.sessions()[last])?.rank();
/// assert_eq!(ranking.check(Some(&before)).verdict(), Verdict::Trade);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateReport {
    checks: Vec<GateCheck>,
}

impl GateReport {
    /// Returns what each gate says, open or not.
    #[must_use]
    pub fn checks(&self) -> &[GateCheck] {
        &self.checks
    }

    /// Returns the gates that don't let the ranking through.
    pub fn closed(&self) -> impl Iterator<Item = &GateCheck> {
        self.checks.iter().filter(|check| !check.is_open)
    }

    /// Returns what may be done: one closed gate is enough to forbid trading.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.closed().next().is_none() { Verdict::Trade } else { Verdict::ReportOnly }
    }
}

impl Ranking {
    /// Applies the gates of the model that made the ranking.
    ///
    /// `previous` is the ranking of the session before, for the changes of sign: of the same data,
    /// or the one kept from the last run, which also shows what a vendor rewrote. Without it, or if
    /// another model made it, that gate has nothing to compare and says so.
    #[must_use]
    pub fn check(&self, previous: Option<&Self>) -> GateReport {
        let gates = self.gates();
        let checks = vec![
            self.eligible_gate(gates),
            self.coverage_gate(gates),
            self.sign_gate(gates, previous),
        ];
        GateReport { checks }
    }

    fn eligible_gate(&self, gates: Gates) -> GateCheck {
        let (eligible, all) = (self.eligible(), self.universe().count());
        let share = share(eligible, all);
        let (found, needed) = (percent(share), percent(gates.eligible_min));
        GateCheck {
            name: GateName::EligibleMin,
            // Of an empty universe nothing is eligible.
            is_open: all > 0 && share >= gates.eligible_min,
            reason: format!(
                "{eligible} of {all} stocks are eligible ({found}), {needed} are needed"
            ),
        }
    }

    fn coverage_gate(&self, gates: Gates) -> GateCheck {
        let all = self.universe().count();
        let coverage = self.factors().iter().enumerate().map(|(index, factor)| {
            let known = self.universe().filter(|stock| stock.factors[index].value.is_some());
            (share(known.count(), all), factor.name.as_str())
        });
        let coverage: Vec<(f64, &str)> = coverage.collect();
        let told = |(share, name): &(f64, &str)| format!("{name} of {}", percent(*share));
        let needed = percent(gates.factor_coverage_min);
        let poor: Vec<_> =
            coverage.iter().filter(|(share, _)| *share < gates.factor_coverage_min).collect();
        let least = coverage.iter().min_by(|a, b| a.0.total_cmp(&b.0));
        let found = if poor.is_empty() {
            least.map_or_else(String::new, |least| format!("least is known of {}", told(least)))
        } else {
            let list: Vec<_> = poor.iter().map(|one| told(one)).collect();
            format!("too little is known of {}", list.join(", "))
        };
        GateCheck {
            name: GateName::FactorCoverageMin,
            is_open: all > 0 && poor.is_empty(),
            reason: format!("{found} of {all} stocks, {needed} are needed"),
        }
    }

    fn sign_gate(&self, gates: Gates, previous: Option<&Self>) -> GateCheck {
        let gate = |is_open, reason| GateCheck { name: GateName::SignChangeMax, is_open, reason };
        let Some(previous) = previous else {
            return gate(true, "not looked at: there is no session before".to_owned());
        };
        if previous.model_hash() != self.model_hash() {
            let (before, now) = (previous.model(), self.model());
            let reason = format!("not looked at: {before} made the ranking before, {now} this one");
            return gate(true, reason);
        }
        let mut largest: Option<(f64, String)> = None;
        let mut wrong = Vec::new();
        let watched = |sources: &[Source]| {
            sources.contains(&Source::Statement) || sources.contains(&Source::Estimate)
        };
        let factors = self.factors().iter().enumerate();
        for (index, factor) in factors.filter(|(_, factor)| watched(&factor.sources)) {
            let (changed, both) = self.sign_changes(previous, index);
            let share = share(changed, both);
            let told = format!("{} for {changed} of {both} stocks", factor.name);
            if both > 0 && share > gates.sign_change_max {
                wrong.push(told.clone());
            }
            if largest.as_ref().is_none_or(|(most, _)| share > *most) {
                largest = Some((share, told));
            }
        }
        let most = percent(gates.sign_change_max);
        let since = previous.as_of();
        let found = match (wrong.is_empty(), largest) {
            (false, _) => wrong.join(", "),
            (true, Some((0.0, _))) => {
                return gate(
                    true,
                    format!("since {since} no sign changed, for at most {most} it may"),
                );
            }
            (true, Some((_, told))) => told,
            (true, None) => return gate(true, "no factor of statements or estimates".to_owned()),
        };
        let reason =
            format!("since {since} the sign changed of {found}, for at most {most} it may");
        gate(wrong.is_empty(), reason)
    }

    /// How many stocks' value of a factor changed its sign, and of how many it is known both times.
    /// 0 has no sign, so it changes none.
    fn sign_changes(&self, previous: &Self, index: usize) -> (usize, usize) {
        let value = |stock: &RankedStock| stock.factors.get(index)?.value;
        let both: Vec<(f64, f64)> = self
            .universe()
            .filter_map(|stock| Some((value(stock)?, value(previous.get(&stock.symbol)?)?)))
            .collect();
        (both.iter().filter(|(now, then)| now * then < 0.0).count(), both.len())
    }

    /// The stocks with a price that are members.
    fn universe(&self) -> impl Iterator<Item = &RankedStock> {
        let outside = |stock: &&RankedStock| {
            matches!(stock.exclusion, Some(Exclusion::NoPrice | Exclusion::NotMember))
        };
        self.iter().filter(move |stock| !outside(stock))
    }
}

/// Without any there is nothing to complain of here.
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
