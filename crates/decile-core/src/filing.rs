use crate::{Calendar, CorporateAction, Currency, Error, Symbol};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;
use std::str::FromStr;

/// When on its day a filing came out, relative to the session.
///
/// ```
/// use decile_core::ReportTime;
///
/// assert_eq!(ReportTime::default(), ReportTime::Unknown);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReportTime {
    /// Before the open: usable in the same session.
    Pre,
    /// After the close: usable from the next session.
    Post,
    /// Not known, so treated as after the close.
    #[default]
    Unknown,
}

/// Whether a form covers a quarter or a year.
///
/// ```
/// use decile_core::{Form, FormKind};
///
/// let kind = |text: &str| text.parse().map(|form: Form| form.kind());
/// assert_eq!(kind("10-Q/A")?, FormKind::Quarterly);
/// assert_eq!(kind("20-F")?, FormKind::Other);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FormKind {
    /// 10-Q and its amendments.
    Quarterly,
    /// 10-K and its amendments.
    Annual,
    /// Any other form.
    Other,
}

/// The form of a filing, as in `10-Q`, `10-K/A` or `20-F`.
///
/// ```
/// use decile_core::{Form, FormKind};
///
/// let form: Form = "10-K/A".parse()?;
/// assert_eq!(form.kind(), FormKind::Annual);
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct Form(SmolStr);

impl Form {
    /// Returns the text as filed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what the form covers, by its prefix.
    #[must_use]
    pub fn kind(&self) -> FormKind {
        match &self.0 {
            text if text.starts_with("10-Q") => FormKind::Quarterly,
            text if text.starts_with("10-K") => FormKind::Annual,
            _ => FormKind::Other,
        }
    }
}

impl FromStr for Form {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let printable = text.bytes().all(|c| c.is_ascii_graphic() || c == b' ');
        if text.trim().is_empty() || text.len() > 16 || !printable {
            return Err(Error::InvalidForm { text: text.to_owned() });
        }
        Ok(Self(SmolStr::new(text)))
    }
}

impl TryFrom<SmolStr> for Form {
    type Error = Error;

    fn try_from(text: SmolStr) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Form> for SmolStr {
    fn from(form: Form) -> Self {
        form.0
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One version of one quarter's statements.
///
/// Several filings with one `period_end` are restatements; of those known at a session the one
/// known last counts, and of those known on one session the one filed last, then the one that
/// stands later in the table. Flows (`net_income` …) are of the single quarter; stocks are at its
/// end. Amounts are in `currency`; `None` is missing.
///
/// ```
/// use chrono::NaiveDate;
/// use decile_core::{Calendar, Filing, ReportTime};
///
/// let day = |m, d| NaiveDate::from_ymd_opt(2024, m, d).expect("a date");
/// let mut filing = Filing::new("KO".parse()?, day(3, 29), "10-Q".parse()?);
/// filing.filed = Some(day(5, 2));
/// assert_eq!(filing.known_on(Calendar::nyse()), Some(day(5, 3)));
/// filing.report_time = ReportTime::Pre;
/// assert_eq!(filing.known_on(Calendar::nyse()), Some(day(5, 2)));
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Filing {
    /// The stock.
    pub symbol: Symbol,
    /// Last day of the quarter reported.
    pub period_end: NaiveDate,
    /// Form of the filing.
    pub form: Form,
    /// Day it came out; `None` if the source does not say.
    pub filed: Option<NaiveDate>,
    /// Time of that day.
    pub report_time: ReportTime,
    /// When it was fetched; `None` for stored data that does not say.
    pub retrieved_at: Option<DateTime<Utc>>,
    /// Who gave it, as in `sec`.
    pub source: SmolStr,
    /// Currency of the amounts.
    pub currency: Currency,
    /// Net income to common of the quarter.
    pub net_income: Option<f64>,
    /// Common book equity at the quarter's end.
    pub book_equity: Option<f64>,
    /// Ordinary shares of the whole company, on the split basis of `period_end`.
    pub shares: Option<f64>,
    /// Ordinary shares of this class alone, on the same basis, for a company with several listed
    /// classes. If it is there, the company is worth the sum over its classes.
    pub class_shares: Option<f64>,
    /// Revenue of the quarter.
    pub revenue: Option<f64>,
    /// Gross profit of the quarter.
    pub gross_profit: Option<f64>,
    /// Total assets at the quarter's end.
    pub total_assets: Option<f64>,
    /// Cash flow from operations in the quarter.
    pub operating_cash_flow: Option<f64>,
    /// Dividends paid in the quarter.
    pub dividends_paid: Option<f64>,
}

impl Filing {
    /// Days after the period's end at which a 10-Q without a filing date counts as filed.
    pub const QUARTERLY_LAG_DAYS: u64 = 45;
    /// Days after the period's end at which a 10-K without a filing date counts as filed.
    pub const ANNUAL_LAG_DAYS: u64 = 90;

    /// Makes a filing in US dollars in which everything but its identity is missing.
    #[must_use]
    pub fn new(symbol: Symbol, period_end: NaiveDate, form: Form) -> Self {
        Self {
            symbol,
            period_end,
            form,
            filed: None,
            report_time: ReportTime::Unknown,
            retrieved_at: None,
            source: SmolStr::new_static(""),
            currency: Currency::USD,
            net_income: None,
            book_equity: None,
            shares: None,
            class_shares: None,
            revenue: None,
            gross_profit: None,
            total_assets: None,
            operating_cash_flow: None,
            dividends_paid: None,
        }
    }

    /// Puts the shares on the split basis of the period's end.
    ///
    /// A filing that comes out after a split counts shares as if the split had been before its
    /// period too (Staff Accounting Bulletin topic 4.C), so a count as filed is divided by the splits
    /// after the period's end and up to the day it was filed. Providers that give counts as filed say
    /// so. `actions` are those of the stock; without a filing date nothing is changed.
    ///
    /// ```
    /// use decile_core::{ActionKind, CorporateAction, Filing, Symbol};
    ///
    /// let symbol: Symbol = "WMT".parse()?;
    /// let split = CorporateAction {
    ///     symbol: symbol.clone(),
    ///     ex_date: "2024-02-26".parse().expect("a date"),
    ///     kind: ActionKind::Split,
    ///     value: 3.0,
    /// };
    /// let end = "2024-01-31".parse().expect("a date");
    /// let mut filing = Filing::new(symbol, end, "10-K".parse()?);
    /// filing.filed = Some("2024-03-15".parse().expect("a date"));
    /// filing.shares = Some(8_108_000_000.0);
    /// filing.on_period_basis(&[split]);
    /// assert_eq!(filing.shares, Some(8_108_000_000.0 / 3.0));
    /// # Ok::<(), decile_core::Error>(())
    /// ```
    pub fn on_period_basis(&mut self, actions: &[CorporateAction]) {
        let Some(filed) = self.filed else { return };
        let later = |date: NaiveDate| date > self.period_end && date <= filed;
        let splits = actions.iter().filter(|action| later(action.ex_date));
        let ratio: f64 = splits.filter_map(CorporateAction::split_ratio).product();
        self.shares = self.shares.map(|shares| shares / ratio);
    }

    /// Tells whether the day it became known is a rule's, not the filer's.
    #[must_use]
    pub fn is_imputed(&self) -> bool {
        self.filed.is_none()
    }

    /// Returns the first session on which the filing may be used.
    ///
    /// Filed before the open: the first session on or after that day. Otherwise: the first session
    /// after it. Day unknown: as if filed 45 days (10-Q) or 90 days (10-K) after the period's end,
    /// the SEC's limits. `None` if that is beyond the calendar, or if the day is unknown and the
    /// form has no rule. Filed before the calendar begins: its first session.
    #[must_use]
    pub fn known_on(&self, calendar: &Calendar) -> Option<NaiveDate> {
        match (self.filed, self.report_time) {
            (Some(filed), ReportTime::Pre) => calendar.session_on_or_after(filed),
            (Some(filed), _) => calendar.session_after(filed),
            (None, _) => calendar.session_after(self.filed_by_rule()?),
        }
    }

    fn filed_by_rule(&self) -> Option<NaiveDate> {
        let days = match self.form.kind() {
            FormKind::Quarterly => Self::QUARTERLY_LAG_DAYS,
            FormKind::Annual => Self::ANNUAL_LAG_DAYS,
            FormKind::Other => return None,
        };
        self.period_end.checked_add_days(Days::new(days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    fn filing(form: &str, filed: Option<NaiveDate>, report_time: ReportTime) -> Filing {
        let symbol = "KO".parse().unwrap();
        let bare = Filing::new(symbol, day(2024, 3, 31), form.parse().unwrap());
        Filing { filed, report_time, ..bare }
    }

    #[test]
    fn a_weekend_filing_is_known_on_monday_whatever_its_hour() {
        let saturday = Some(day(2024, 5, 4));
        for report_time in [ReportTime::Pre, ReportTime::Post, ReportTime::Unknown] {
            let known = filing("10-Q", saturday, report_time).known_on(Calendar::nyse());
            assert_eq!(known, Some(day(2024, 5, 6)));
        }
    }

    #[test]
    fn an_unknown_day_takes_the_secs_limit() {
        // 31 March + 45 days is 15 May, + 90 days is 29 June, a Saturday.
        let quarterly = filing("10-Q/A", None, ReportTime::Pre);
        assert_eq!(quarterly.known_on(Calendar::nyse()), Some(day(2024, 5, 16)));
        let annual = filing("10-K", None, ReportTime::Unknown);
        assert_eq!(annual.known_on(Calendar::nyse()), Some(day(2024, 7, 1)));
        assert!(annual.is_imputed());
    }

    #[test]
    fn a_form_without_a_rule_is_never_known() {
        assert_eq!(filing("20-F", None, ReportTime::Pre).known_on(Calendar::nyse()), None);
    }

    #[test]
    fn forms_are_checked() {
        for bad in ["", "  ", "10-Q\n", "a form with a long name"] {
            assert_eq!(bad.parse::<Form>(), Err(Error::InvalidForm { text: bad.to_owned() }));
        }
    }
}
