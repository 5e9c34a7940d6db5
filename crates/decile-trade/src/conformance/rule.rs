use std::fmt;

/// What a broker promises.
///
/// ```
/// use decile_trade::conformance::Rule;
///
/// assert_eq!(Rule::Once.to_string(), "a name is sent once");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Asked twice, it says the same; positions come by symbol, each once, none of them empty.
    Steady,
    /// An order that it never got is not found, and cannot be cancelled.
    Unknown,
    /// A market order in regular hours is acknowledged under its name, and fills.
    Fills,
    /// Everybody who listens hears of it.
    Events,
    /// Look-up, lists and executions tell the same of it; a final order is no open one.
    Lists,
    /// Cash and shares change by what the executions say, to the cent.
    Money,
    /// The same name a second time trades nothing, and is not acknowledged.
    Once,
    /// An order that is final can be asked to be cancelled, and stays as it is.
    Cancel,
    /// A question whose answer is not waited for does no harm.
    Dropped,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Steady => "the same question has the same answer",
            Self::Unknown => "what it never got it does not know",
            Self::Fills => "a market order fills under its name",
            Self::Events => "all who listen hear of a fill",
            Self::Lists => "look-up, lists and executions agree",
            Self::Money => "cash and shares change by what the executions say",
            Self::Once => "a name is sent once",
            Self::Cancel => "a final order stays as it is",
            Self::Dropped => "a question that is dropped does no harm",
        })
    }
}
