//! What the gateway wrote down itself, past everything that is tried here.

use decile::core::Shares;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

/// The orders of a gateway's state, by their names.
#[derive(Debug, Default)]
pub(super) struct Truth {
    /// How often each came.
    pub(super) came: BTreeMap<String, usize>,
    /// How many shares of each were executed.
    pub(super) executed: BTreeMap<String, Shares>,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Placed {
        perm_id: i64,
        terms: Terms,
    },
    Filled {
        perm_id: i64,
        quantity: Shares,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Terms {
    order_ref: String,
}

impl Truth {
    /// Reads the state of a gateway that has nothing to write.
    pub(super) fn read(state: &Path) -> Result<Self, Box<dyn Error>> {
        let (mut truth, mut names) = (Self::default(), BTreeMap::new());
        for line in fs::read_to_string(state)?.lines() {
            match serde_json::from_str(line)? {
                Event::Placed { perm_id, terms } => {
                    *truth.came.entry(terms.order_ref.clone()).or_default() += 1;
                    names.insert(perm_id, terms.order_ref);
                }
                Event::Filled { perm_id, quantity } => {
                    let name = names.get(&perm_id).ok_or("a fill of an order that never came")?;
                    let sum = truth.executed.entry(name.clone()).or_default();
                    *sum = *sum + quantity;
                }
                Event::Other => {}
            }
        }
        Ok(truth)
    }
}
