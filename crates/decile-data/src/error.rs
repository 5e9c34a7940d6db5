/// Everything that can go wrong with a stored or synthetic market.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting of the [`SyntheticMarket`](crate::SyntheticMarket) that it cannot be made with.
    #[error("the {setting} of a synthetic market cannot be {value}: give {expected}")]
    InvalidSetting {
        /// The setting.
        setting: &'static str,
        /// What was given.
        value: String,
        /// What may be given.
        expected: String,
    },
}
