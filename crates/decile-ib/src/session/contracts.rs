//! From symbols to the numbers of contracts.

use super::Session;
use crate::{Error, symbols, wire};
use decile_core::Symbol;
use futures::{StreamExt, TryStreamExt, stream};
use ibapi::contracts::{Contract, ContractDetails};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// How many symbols are looked up at a time.
const CONCURRENT: usize = 10;

/// The contracts that were looked up.
#[derive(Debug, Default)]
pub(super) struct Contracts(Mutex<HashMap<Symbol, Arc<Contract>>>);

impl Contracts {
    pub(super) fn get(&self, symbol: &Symbol) -> Option<Arc<Contract>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(symbol).cloned()
    }

    fn insert(&self, symbol: &Symbol, contract: Arc<Contract>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(symbol.clone(), contract);
    }
}

impl Session {
    pub(crate) async fn resolve_all(self: &Arc<Self>, symbols: Vec<Symbol>) -> Result<(), Error> {
        let look_up = |symbol| async move { self.contract(&symbol).await };
        let lookups = stream::iter(symbols).map(look_up);
        lookups.buffered(CONCURRENT).try_for_each(|_| async { Ok(()) }).await
    }

    /// Returns the one contract of a symbol.
    pub(super) async fn contract(
        self: &Arc<Self>,
        symbol: &Symbol,
    ) -> Result<Arc<Contract>, Error> {
        if let Some(contract) = self.contracts.get(symbol) {
            return Ok(contract);
        }
        let wanted = by_number(symbol, 0);
        let lookup = |session: Arc<Self>| async move {
            let client = session.client();
            let details = client.contract_details_stream(&wanted).subscribe().await;
            let mut details = details.map_err(Error::from_client)?;
            let within = session.config.request_timeout;
            details.collect_to_end_within(within).await.map_err(Error::from_client)
        };
        let details = match self.request("contract details", lookup).await {
            Ok(details) => details,
            Err(Error::Gateway { code: 200, .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let contract = Arc::new(by_number(symbol, one(symbol, &details)?));
        self.contracts.insert(symbol, Arc::clone(&contract));
        Ok(contract)
    }
}

/// Returns the contract of an order, by its number: the symbol is for people.
fn by_number(symbol: &Symbol, contract_id: i32) -> Contract {
    let contract = Contract::stock(symbols::to_wire(symbol)).build();
    Contract { contract_id, ..contract }
}

/// Returns the number of the only contract among the details.
fn one(symbol: &Symbol, details: &[ContractDetails]) -> Result<i32, Error> {
    let is_wanted =
        |found: &&ContractDetails| wire::stock(&found.contract).as_ref() == Some(symbol);
    let found: BTreeMap<i32, String> = details
        .iter()
        .filter(is_wanted)
        .map(|found| &found.contract)
        .map(|contract| (contract.contract_id, contract.primary_exchange.to_string()))
        .collect();
    let mut numbers = found.keys();
    match (numbers.next(), numbers.next()) {
        (Some(number), None) => Ok(*number),
        (None, _) => Err(Error::UnknownContract { symbol: symbol.clone() }),
        (Some(_), Some(_)) => Err(Error::AmbiguousContract {
            symbol: symbol.clone(),
            exchanges: found.into_values().collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(symbol: &str, contract_id: i32, exchange: &str) -> ContractDetails {
        let contract = Contract::stock(symbol).build();
        let primary_exchange = exchange.into();
        let contract = Contract { contract_id, primary_exchange, ..contract };
        ContractDetails { contract, ..ContractDetails::default() }
    }

    #[test]
    fn exactly_one_contract_will_do() {
        let symbol: Symbol = "BRK.B".parse().unwrap();
        let [first, second] = [("NYSE", 72063691), ("IBIS", 7)]
            .map(|(exchange, number)| details("BRK B", number, exchange));
        assert_eq!(one(&symbol, &[first.clone(), first.clone()]).unwrap(), 72063691);
        assert!(matches!(one(&symbol, &[]), Err(Error::UnknownContract { .. })));
        assert!(matches!(
            one(&symbol, &[details("BRK", 3, "NYSE")]),
            Err(Error::UnknownContract { .. })
        ));
        let error = one(&symbol, &[first, second]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "BRK.B is the symbol of several US stocks, on IBIS, NYSE: trade it by hand"
        );
    }
}
