//! The broker's own margin check, before anything of a run is sent.

use crate::desk::{Desk, named, statuses};
use crate::line::{Behind, Line};
use crate::live::{LIVE, ran_elsewhere};
use crate::market::money;
use async_trait::async_trait;
use decile_core::Money;
use decile_trade::OrderStatus::Filled;
use decile_trade::{
    ApprovedOrder, Broker, Check, CheckName, Error, ExecutionReport, Journal, JournalRecord,
    MarginEffect, Margins, OrderAck, PaperBroker, Side, StopSignal, SubmitError,
};
use std::sync::{Arc, Mutex};

const PAPER: &str = "DU1234567";

/// What the broker makes of a question.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Says {
    /// A cash account: what is bought must be paid for by the cash that is there.
    Margins,
    /// The same, in two figures of three.
    Derivable,
    /// The margins, but one is missing.
    Nothing,
    Refuses,
    Warns,
    Fails,
    HasNone,
}

/// A broker with a margin check, which notes what it is asked and what it is sent.
#[derive(Debug)]
struct Checks {
    says: Says,
    /// By how much less the account is worth than it says.
    short: Money,
    heard: Mutex<Vec<String>>,
}

impl Checks {
    fn note(&self, what: &str, order: &ApprovedOrder) {
        let (side, symbol) = (order.order().side, &order.order().symbol);
        self.heard.lock().unwrap().push(format!("{what} {side} {symbol}"));
    }
}

#[async_trait]
impl Line for Checks {
    async fn what_if(
        &self,
        paper: &PaperBroker,
        order: &ApprovedOrder,
    ) -> Result<Option<Margins>, Error> {
        self.note("asks", order);
        let account = paper.account().await?;
        let equity = account.equity - self.short;
        let held = account.equity - account.cash;
        let value = order.order().notional;
        let change = if order.order().side == Side::Buy { value } else { -value };
        let effect = |before, change| {
            let after = Some(before + change);
            MarginEffect { before: Some(before), change: Some(change), after }
        };
        let margins = Margins {
            initial: effect(held, change),
            maintenance: effect(held, change),
            equity: effect(equity, -money("1")),
            ..Margins::default()
        };
        Ok(match self.says {
            Says::Margins => Some(margins),
            Says::Derivable => Some(Margins {
                initial: MarginEffect { after: None, ..margins.initial },
                equity: MarginEffect { change: None, ..margins.equity },
                ..margins
            }),
            Says::Nothing => Some(Margins { equity: MarginEffect::default(), ..margins }),
            Says::Refuses => Some(Margins {
                refusal: Some("201: Order rejected".to_owned()),
                ..Margins::default()
            }),
            Says::Warns => Some(Margins { warning: Some("it is late".to_owned()), ..margins }),
            Says::Fails => {
                return Err(Error::Broker { request: "margin", source: "the line is bad".into() });
            }
            Says::HasNone => None,
        })
    }

    async fn submit(
        &self,
        paper: &PaperBroker,
        order: &ApprovedOrder,
    ) -> Result<OrderAck, SubmitError> {
        self.note("sends", order);
        paper.submit(order).await
    }
}

struct Traded {
    result: Result<ExecutionReport, Error>,
    heard: Vec<String>,
    desk: Desk,
}

impl Traded {
    /// The check, of a run that was let go.
    fn margin(&self) -> Option<&Check> {
        self.result.as_ref().unwrap().margin.as_ref()
    }

    fn records(&self) -> Vec<JournalRecord> {
        self.desk.journal.replay().unwrap()
    }

    /// Why a run was denied; nothing of it went out, and the journal says no more than that.
    fn denial(&self) -> String {
        let error = self.result.as_ref().unwrap_err();
        assert!(matches!(error, Error::MarginDenied { .. }), "{error:?}");
        assert!(self.heard.iter().all(|heard| heard.starts_with("asks")), "{:?}", self.heard);
        let records = self.records();
        let [JournalRecord::Refused { reason, .. }] = &records[..] else { panic!("{records:?}") };
        assert_eq!(*reason, error.to_string());
        reason.clone()
    }
}

async fn trade(mut desk: Desk, wanted: &[&str], (says, short): (Says, &str)) -> Traded {
    // Paper is asked, too; real money whatever stands here.
    desk.config.margin_check = desk.broker.account().await.unwrap().id.is_paper();
    let line = Checks { says, short: money(short), heard: Mutex::default() };
    let behind = Arc::new(Behind { paper: desk.broker.clone(), line });
    let approved = desk.approved(wanted).await;
    let result = desk.executor_at(behind.clone()).execute(approved, &StopSignal::new()).await;
    let heard = behind.line.heard.lock().unwrap().clone();
    Traded { result, heard, desk }
}

#[tokio::test(start_paused = true)]
async fn every_order_is_asked_about_before_the_first_is_sent() {
    if ran_elsewhere("margin::every_order_is_asked_about_before_the_first_is_sent", &[Some(LIVE)]) {
        return;
    }
    for account in [PAPER, LIVE] {
        let traded = trade(Desk::of(account), &["A", "B"], (Says::Margins, "0")).await;
        let report = traded.result.as_ref().unwrap();
        assert_eq!(statuses(report), named(&[("A", Filled), ("B", Filled)]));
        assert_eq!(traded.heard, ["asks buy A", "asks buy B", "sends buy A", "sends buy B"]);
        // 1425 of 10 and 712 of 20; each costs a dollar.
        let reason = "initial margin 28490 of 29998 in equity with loan after 2 orders".to_owned();
        let check = Check { name: CheckName::Margin, allowed: true, reason };
        assert_eq!(traded.margin(), Some(&check));
        let began = traded.records().into_iter().find_map(|record| match record {
            JournalRecord::Began { run, .. } => Some(run),
            _ => None,
        });
        assert_eq!(began.unwrap().checks.last(), Some(&check));
    }
}

#[tokio::test(start_paused = true)]
async fn orders_that_are_borne_one_by_one_and_not_together_are_denied() {
    // Each buys for some 14,250 of what is worth 20,000 to the broker.
    for says in [Says::Margins, Says::Derivable] {
        let traded = trade(Desk::of(PAPER), &["A", "B"], (says, "10000")).await;
        let reason = "the plan is denied; margin: buy B leads to an initial margin of 28490, and \
                      the equity with loan is 19998";
        assert_eq!(traded.denial(), reason, "{says:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn buys_that_sells_pay_for_are_borne_and_a_sale_always_is() {
    let desk = Desk::new();
    assert!(desk.trade(&["A"]).await.is_complete());
    let traded = trade(desk, &["B"], (Says::Margins, "0")).await;
    assert!(traded.result.as_ref().unwrap().is_complete(), "{:?}", traded.result);
    assert_eq!(traded.heard[..2], ["asks sell A", "asks buy B"]);
    // However little it is all worth.
    let mut desk = Desk::new();
    assert!(desk.trade(&["A"]).await.is_complete());
    desk.journal = Arc::default();
    let traded = trade(desk, &[], (Says::Margins, "29999")).await;
    assert!(traded.result.as_ref().unwrap().is_complete(), "{:?}", traded.result);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_denies_and_a_warning_is_told() {
    if ran_elsewhere("margin::a_refusal_denies_and_a_warning_is_told", &[Some(LIVE)]) {
        return;
    }
    for account in [PAPER, LIVE] {
        let denial = trade(Desk::of(account), &["A"], (Says::Refuses, "0")).await.denial();
        assert!(denial.ends_with("refuse to buy A: 201: Order rejected"), "{denial}");
        let traded = trade(Desk::of(account), &["A"], (Says::Warns, "0")).await;
        let reason = &traded.margin().unwrap().reason;
        assert!(reason.ends_with("; buy A: it is late"), "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_denies_real_money_and_is_told_on_paper() {
    if ran_elsewhere(
        "margin::what_is_not_known_denies_real_money_and_is_told_on_paper",
        &[Some(LIVE)],
    ) {
        return;
    }
    for (says, words) in [(Says::Fails, "the line is bad"), (Says::Nothing, "does not say")] {
        let denial = trade(Desk::of(LIVE), &["A"], (says, "0")).await.denial();
        assert!(denial.contains("margin: not known") && denial.contains(words), "{denial}");
        let traded = trade(Desk::of(PAPER), &["A"], (says, "0")).await;
        assert_eq!(traded.heard, ["asks buy A", "sends buy A"]);
        let check = traded.margin().unwrap();
        assert!(check.allowed && check.reason.contains(words), "{check}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_broker_without_the_check_and_paper_that_does_not_want_it_trade_without() {
    if ran_elsewhere(
        "margin::a_broker_without_the_check_and_paper_that_does_not_want_it_trade_without",
        &[Some(LIVE)],
    ) {
        return;
    }
    let traded = trade(Desk::of(LIVE), &["A"], (Says::HasNone, "0")).await;
    assert_eq!(traded.margin().unwrap().reason, "the broker has no such check");
    let report = Desk::new().trade(&["A"]).await;
    assert!(report.is_complete() && report.margin.is_none());
}
