//! The kill switch of a run, and the orders that a person has cancelled by it.

use super::reach::IbOptions;
use crate::console::one_line;
use crate::story;
use decile::ib::IbBroker;
use decile::trade::{Broker, ClientOrderId, JournalRecord, KillSwitch, OrderName, OrderSnapshot};
use futures::future::join_all;
use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

/// How often it is looked whether the orders are gone, and how far apart.
const LOOKS: usize = 40;
const PAUSE: Duration = Duration::from_millis(250);

/// The switch of a file, or else the one beside a journal: `journal.sqlite.kill`.
///
/// ```
/// use decile_examples::trading::kill_switch;
/// use std::path::Path;
///
/// let beside = kill_switch(None, Some(Path::new("run/journal.sqlite"))).expect("beside it");
/// assert_eq!(beside.path(), Path::new("run/journal.sqlite.kill"));
/// assert!(kill_switch(None, None).is_none());
/// ```
#[must_use]
pub fn kill_switch(file: Option<&Path>, journal: Option<&Path>) -> Option<KillSwitch> {
    let beside = |journal: &Path| {
        let mut name = journal.file_name().unwrap_or_default().to_owned();
        name.push(".kill");
        journal.with_file_name(name)
    };
    file.map(Path::to_owned).or_else(|| journal.map(beside)).map(KillSwitch::at)
}

/// Where the orders are that are to be cancelled, and which are ours.
///
/// ```
/// use decile_examples::trading::{IbOptions, OpenOrdersAt};
/// use std::path::Path;
///
/// let account = Some("DU1234567".parse()?);
/// let ib = IbOptions { account, host: "127.0.0.1".to_owned(), port: None, client_id: 17 };
/// let at = OpenOrdersAt { ib: &ib, journal: Path::new("journal.sqlite") };
/// assert_eq!(at.ib.client_id, 17);
/// # Ok::<(), decile::trade::Error>(())
/// ```
#[derive(Debug)]
pub struct OpenOrdersAt<'a> {
    /// The gateway and the account.
    pub ib: &'a IbOptions,
    /// The journal that has their intents.
    pub journal: &'a Path,
}

/// What became of the orders that were to be cancelled.
///
/// ```
/// use decile_examples::trading::Cancelled;
///
/// let none = Cancelled { gone: vec![], open: vec![], refused: vec![] };
/// assert!(none.open.is_empty());
/// ```
#[derive(Debug)]
pub struct Cancelled {
    /// Those that are no longer open.
    pub gone: Vec<ClientOrderId>,
    /// Those that still are.
    pub open: Vec<ClientOrderId>,
    /// What the gateway said to those that it would not cancel, each with its name.
    pub refused: Vec<String>,
}

impl OpenOrdersAt<'_> {
    /// Asks for every open order of the journal to be cancelled, and waits for word of it.
    ///
    /// # Errors
    /// If the journal cannot be read, or the gateway not be reached or asked. A run that is connected
    /// under the same number is in the way; it looks at the kill switch itself.
    pub async fn cancel(&self) -> Result<Cancelled, Box<dyn Error>> {
        let intended = |record: JournalRecord| match record {
            JournalRecord::Intent { id, .. } => Some(id),
            _ => None,
        };
        let ours: BTreeSet<_> =
            story::read(self.journal)?.into_iter().filter_map(intended).collect();
        // To cancel is to risk less, so a live account needs no more than its name.
        let ib = IbBroker::connect(self.ib.config()?).await?;
        let wanted = open(&ib, &ours).await?;
        // One that cannot be cancelled must not keep the others from it.
        let answers = join_all(wanted.iter().map(|id| ib.cancel(id))).await;
        let refused =
            wanted.iter().zip(answers).filter_map(|(id, answer)| Some((id, answer.err()?)));
        let refused = refused.map(|(id, error)| format!("{id}: {}", one_line(&error))).collect();
        let mut left = wanted.clone();
        for _ in 0..LOOKS {
            // Silence takes nothing back of what was still open.
            left = open(&ib, &ours).await.unwrap_or(left);
            if left.is_empty() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        let gone = wanted.into_iter().filter(|id| !left.contains(id)).collect();
        Ok(Cancelled { gone, open: left, refused })
    }
}

/// The open orders at a broker that are among these.
async fn open(
    broker: &dyn Broker,
    ours: &BTreeSet<ClientOrderId>,
) -> Result<Vec<ClientOrderId>, Box<dyn Error>> {
    let named = |snapshot: OrderSnapshot| match snapshot.id {
        OrderName::Ours(id) => ours.contains(&id).then_some(id),
        OrderName::Foreign(_) => None,
    };
    Ok(broker.open_orders().await?.into_iter().filter_map(named).collect())
}
