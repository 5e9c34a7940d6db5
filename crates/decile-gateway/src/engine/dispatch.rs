//! Which part of the gateway answers a request.

use super::notice::Refusal;
use super::{ConnectionId, Engine, Reply, Request};
use crate::Trouble;

impl Engine {
    /// Does what a client asks for.
    pub(super) fn dispatch(&mut self, at: ConnectionId, request: Request) {
        let Some(client) = self.client_id(at) else {
            return match request {
                Request::StartApi { client } => self.start_api(at, client),
                other => log::warn!("connection {at} asks before it says who it is: {other}"),
            };
        };
        match request {
            Request::StartApi { .. } => log::warn!("client {client} starts the API again: ignored"),
            Request::PlaceOrder(order) => self.place(at, client, *order),
            Request::CancelOrder { order } => self.cancel(at, client, order),
            Request::GlobalCancel => {
                if !self.faulty.happens(Trouble::IgnoreGlobalCancel, None) {
                    self.cancel_all();
                }
            }
            Request::OpenOrders => self.list_open_orders(at, Some(client)),
            Request::AllOpenOrders => self.list_open_orders(at, None),
            Request::AutoOpenOrders { bind } => self.bind_orders(at, client, bind),
            Request::CompletedOrders => self.list_completed_orders(at, client),
            Request::Executions { request, filter } => self.list_executions(at, request, &filter),
            Request::Ids => self.tell(at, Reply::NextValidId(self.book.last_id(client) + 1)),
            Request::ManagedAccounts => self.tell(at, Reply::ManagedAccounts),
            Request::CurrentTime => self.tell_time(at, |now| Reply::CurrentTime(now.timestamp())),
            Request::CurrentTimeMillis => {
                self.tell_time(at, |now| Reply::CurrentTimeMillis(now.timestamp_millis()));
            }
            Request::Positions => self.list_positions(at),
            Request::CancelPositions => self.with_client(at, |client| client.positions = false),
            Request::AccountSummary { request, group, tags } => {
                self.summarise(at, request, &group, &tags);
            }
            Request::CancelAccountSummary { request } => {
                self.with_client(at, |client| drop(client.summaries.remove(&request)));
            }
            Request::AccountUpdates { subscribe, account } => {
                self.update_account(at, subscribe, &account);
            }
            Request::AccountUpdatesMulti { request, account, model, ledger_only } => {
                self.update_multi(at, request, (&account, &model), ledger_only);
            }
            Request::CancelAccountUpdatesMulti { request } => {
                self.with_client(at, |client| drop(client.multi.remove(&request)));
            }
            Request::ContractDetails { request, contract } => self.details(at, request, &contract),
            Request::MarketData { request, contract, snapshot } => {
                self.market_data(at, request, &contract, snapshot);
            }
            Request::CancelMarketData { request } => self.cancel_market_data(at, request),
            Request::MarketDataType(kind) => {
                self.with_client(at, |client| client.market_data_type = kind);
            }
            Request::HistoricalBars(query) => self.history(at, &query),
            Request::CancelHistoricalBars { request } => {
                // Answers leave at once, so there is never one to cancel.
                let text = format!("No historical data query found for ticker id:{request}");
                self.refuse(at, request, Refusal::new(366, text));
            }
            Request::Ignored(_) => {}
            Request::Unknown { message } => {
                log::warn!("client {client} sends message {message}, which is not known here");
            }
            Request::Unreadable { message, order, fault } => {
                log::warn!("client {client} sends message {message}, which is unreadable: {fault}");
                let text = format!("Error reading request:{fault}");
                self.refuse(at, order, Refusal::new(320, text));
            }
        }
    }
}
