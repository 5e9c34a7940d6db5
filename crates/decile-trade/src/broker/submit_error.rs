use crate::ClientOrderId;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why an order was not taken, or why nobody knows.
///
/// Three outcomes, not two: only what is proven is `NotSent` or `Rejected`. Everything else is
/// `InDoubt`, is looked up by its id, and is never sent again.
///
/// ```
/// use decile_trade::{ClientOrderId, SubmitError};
///
/// let id: ClientOrderId = "q:DU1:20251201:KO:B:1".parse()?;
/// let error = SubmitError::InDoubt { id: id.clone(), source: "no reply within 5 s".into() };
/// assert_eq!(error.id(), &id);
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// It never left. It may be tried again.
    #[error("order {id} was not sent")]
    NotSent {
        /// The order.
        id: ClientOrderId,
        /// The cause.
        source: Cause,
    },
    /// The broker refused it. Nothing of it has filled or will.
    #[error("the broker refused order {id}")]
    Rejected {
        /// The order.
        id: ClientOrderId,
        /// The cause: what the broker said.
        source: Cause,
    },
    /// It may have arrived. It must not be sent again.
    #[error("order {id} may or may not have arrived: look it up, never send it again")]
    InDoubt {
        /// The order.
        id: ClientOrderId,
        /// The cause.
        source: Cause,
    },
}

impl SubmitError {
    /// Returns the order.
    #[must_use]
    pub fn id(&self) -> &ClientOrderId {
        match self {
            Self::NotSent { id, .. } | Self::Rejected { id, .. } | Self::InDoubt { id, .. } => id,
        }
    }
}
