//! The scenarios that were distilled from recordings, each played to the gateway.
//!
//! A pair of an open order and its status that is told again is left out, since recordings vary in how
//! often it is, and so is a pair PreSubmitted before one Submitted. What was recorded is written down
//! here as it stands in the file; a scenario of the file that is not here fails.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use chrono::TimeDelta;
use decile_core::{ManualClock, Shares};
use decile_gateway::{Gateway, GatewayConfig, MarketRules};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use support::fields::Fields;
use support::text::TextClient;
use support::{Client, Frame, clock, config, greeted_again, id, limit, market, placed, stock};

/// A scenario: its name in the file, what was recorded, and what the gateway says.
type Scenario = (&'static str, &'static [&'static str], fn() -> Vec<String>);

const SCENARIOS: &[Scenario] = &[
    ("connect, no open orders", GREETING, || {
        let gateway = Gateway::start(config(&clock())).unwrap();
        kinds(&Client::greeted(gateway.address(), 5).1)
    }),
    (
        "connect, same client has N open orders",
        &[
            "openOrder Submitted",
            "orderStatus Submitted",
            "openOrderEnd",
            "managedAccounts",
            "nextValidId",
            "error 2104",
            "error 2106",
            "error 2158",
        ],
        || {
            let gateway = Gateway::start(config(&clock())).unwrap();
            let mut client = Client::connect(gateway.address(), 5);
            client.place(1, "KO", limit("BUY", "1", 50.0));
            client.place(2, "KO", limit("BUY", "1", 51.0));
            drop(client);
            kinds(&greeted_again(gateway.address(), 5).1)
        },
    ),
    ("MKT BUY RTH", FILL, || told(config, |client| order(client, 1, market("BUY", "1")))),
    ("MKT SELL RTH", FILL, || {
        told(config, |client| {
            order(client, 1, market("BUY", "1"));
            order(client, 2, market("SELL", "1"))
        })
    }),
    // Messages of the other dialect by their numbers.
    ("MKT BUY RTH (text)", &["5", "3", "11", "5", "3", "5", "3", "59"], || {
        let gateway = Gateway::start(config(&clock())).unwrap();
        let mut client = TextClient::connect(gateway.address(), 5, 178);
        let told = client.place(1, "KO", "BUY|1|MKT|||DAY|");
        told.iter().map(|message| message.split('|').next().unwrap().to_owned()).collect()
    }),
    (
        "DAY LMT out of hours + cancel",
        &[
            "error 399",
            "openOrder PreSubmitted",
            "orderStatus PreSubmitted",
            "openOrder PendingCancel",
            "orderStatus PendingCancel",
            "orderStatus Cancelled",
            "error 202",
        ],
        || told(before_hours, resting_and_cancelled),
    ),
    (
        "LMT RTH + cancel",
        &[
            "openOrder Submitted",
            "orderStatus Submitted",
            "openOrder PendingCancel",
            "orderStatus PendingCancel",
            "orderStatus Cancelled",
            "error 202",
        ],
        || told(config, resting_and_cancelled),
    ),
    ("STP", &["error 399", "openOrder PreSubmitted", "orderStatus PreSubmitted trigger"], || {
        told(before_hours, |client| order(client, 1, stop("BUY", 65.0)))
    }),
    ("server reject (201)", REJECTED, || told(config, rejected)),
    (
        "server reject, error first (2023)",
        &["error 201", "openOrder Inactive", "orderStatus Inactive"],
        || told(|clock| config(clock).error_first(true), rejected),
    ),
    ("local reject (gateway validation)", &["error 200", "error 10052", "error 103"], || {
        told(config, |client| {
            let unknown = placed(1, stock("ZZZZ"), market("BUY", "1"));
            let mut all = client.ask(id::PLACE_ORDER, unknown);
            all.extend(order(client, 2, market("BUY", "1").without(11)));
            // The id is used up.
            all.extend(order(client, 2, market("BUY", "1")));
            all
        })
    }),
    ("cancel of a rejected (Inactive) order", &["error 10148"], || {
        told(config, |client| {
            rejected(client);
            cancel(client, 1)
        })
    }),
    ("cancel of unknown / other client's order", &["error 10147", "error 10147"], || {
        let gateway = Gateway::start(config(&clock())).unwrap();
        let mut other = Client::connect(gateway.address(), 6);
        order(&mut other, 1, limit("BUY", "1", 50.0));
        let mut client = Client::connect(gateway.address(), 5);
        summed(&[cancel(&mut client, 1), cancel(&mut client, 9)].concat())
    }),
    (
        "global cancel",
        &["error 161", "orderStatus Cancelled", "error 202", "orderStatus Cancelled", "error 202"],
        || {
            told(config, |client| {
                rejected(client);
                order(client, 2, limit("BUY", "1", 50.0));
                order(client, 3, limit("BUY", "1", 51.0));
                client.ask(id::GLOBAL_CANCEL, Fields::new().message(1, Fields::new()))
            })
        },
    ),
    (
        "aggressive limit beyond price band, RTH",
        &[
            "openOrder PreSubmitted",
            "orderStatus PreSubmitted",
            "openOrder PendingCancel",
            "orderStatus PendingCancel",
            "orderStatus Cancelled",
            "error 202",
        ],
        || told(banded, |client| order(client, 1, limit("BUY", "1", 61.77))),
    ),
    // The recording is cut off behind the pair that follows the first print.
    (
        "partial fill in two prints",
        &[
            "openOrder Submitted",
            "orderStatus Submitted",
            "execDetails",
            "openOrder Submitted",
            "orderStatus Submitted",
        ],
        || {
            let told = told(thin, |client| order(client, 1, market("BUY", "10")));
            assert_eq!(told.last().unwrap(), "commission");
            told[..told.len() - 1].to_vec()
        },
    ),
    ("what-if", &["openOrder PreSubmitted"], || {
        told(config, |client| order(client, 1, market("BUY", "1").int(65, 1)))
    }),
    (
        "reqExecutions",
        &["execDetails", "execDetails", "commission", "commission", "execDetailsEnd"],
        || {
            told(config, |client| {
                order(client, 1, market("BUY", "1"));
                order(client, 2, market("SELL", "1"));
                client.ask(id::EXECUTIONS, Fields::new().int(1, 7))
            })
        },
    ),
    (
        "reqCompletedOrders",
        &[
            "orderStatus Cancelled",
            "completedOrder Filled",
            "completedOrder Cancelled",
            "completedOrdersEnd",
        ],
        || {
            told(config, |client| {
                order(client, 1, market("BUY", "1"));
                resting_and_cancelled(client);
                client.ask(id::COMPLETED_ORDERS, Fields::new())
            })
        },
    ),
    (
        "reqAccountUpdates",
        &["accountValue", "portfolio", "accountTime", "accountTime", "accountDownloadEnd"],
        || {
            let told = told(config, |client| {
                order(client, 1, market("BUY", "1"));
                let account = Fields::new().int(1, 1).text(2, "DU0000001");
                client.ask(id::ACCOUNT_UPDATES, account)
            });
            let mut kinds: Vec<String> = told;
            kinds.dedup_by(|second, first| second == first && second == "accountValue");
            kinds
        },
    ),
    ("snapshot, type 1, no subscription", &["tickReqParams", "error 10089"], || {
        told(|clock| config(clock).live_data(false), |client| snapshot(client, 1))
    }),
    (
        "snapshot, type 3",
        &[
            "marketDataType",
            "tickReqParams",
            "tick 68",
            "tick 88",
            "tick 72",
            "tick 73",
            "tick 74",
            "tick 75",
            "tick 76",
            "tick 66",
            "tick 67",
            "tickSnapshotEnd",
        ],
        || told(|clock| config(clock).live_data(false), |client| snapshot(client, 3)),
    ),
];

/// Scenarios that go another way, and where that is said or tried.
const OTHERWISE: [(&str, &str); 3] = [
    ("TRAIL MIT SELL RTH", "MIT is not there, and a stop that is reached is told Submitted first"),
    ("bracket out of hours, cancel parent", "tests/groups.rs, within hours"),
    ("modify of a child beyond price band", "the band is looked at when an order is placed"),
];

const GREETING: &[&str] =
    &["managedAccounts", "nextValidId", "error 2104", "error 2106", "error 2158"];
const FILL: &[&str] = &[
    "openOrder Submitted",
    "orderStatus Submitted",
    "execDetails",
    "openOrder Filled",
    "orderStatus Filled",
    "commission",
];
const REJECTED: &[&str] = &[
    "openOrder Inactive",
    "orderStatus Inactive",
    "error 201",
    "openOrder Inactive",
    "orderStatus Inactive",
];

fn before_hours(clock: &Arc<ManualClock>) -> GatewayConfig {
    clock.advance(TimeDelta::hours(-3));
    config(clock).rules(MarketRules { hours: true, ..MarketRules::default() })
}

fn banded(clock: &Arc<ManualClock>) -> GatewayConfig {
    let price_band = Some("0.0294".parse().unwrap());
    config(clock).rules(MarketRules { price_band, ..MarketRules::default() })
}

fn thin(clock: &Arc<ManualClock>) -> GatewayConfig {
    let shares_per_quote = Some(Shares::new(5));
    config(clock).rules(MarketRules { shares_per_quote, ..MarketRules::default() })
}

fn stop(side: &str, price: f64) -> Fields {
    market(side, "1").text(8, "STP").double(10, price)
}

fn order(client: &mut Client, order: i32, terms: Fields) -> Vec<Frame> {
    client.ask(id::PLACE_ORDER, placed(order, stock("KO"), terms))
}

fn cancel(client: &mut Client, order: i32) -> Vec<Frame> {
    client.ask(id::CANCEL_ORDER, Fields::new().int(1, order).message(2, Fields::new()))
}

fn resting_and_cancelled(client: &mut Client) -> Vec<Frame> {
    [order(client, 5, limit("BUY", "1", 50.0)), cancel(client, 5)].concat()
}

fn rejected(client: &mut Client) -> Vec<Frame> {
    order(client, 1, market("BUY", "1").text(11, "FOK"))
}

fn snapshot(client: &mut Client, kind: i32) -> Vec<Frame> {
    client.send(id::MARKET_DATA_TYPE, Fields::new().int(1, kind));
    let request = Fields::new().int(1, 2).message(2, stock("AAPL")).int(4, 1);
    client.ask(id::MARKET_DATA, request)
}

/// What a gateway tells a client.
fn told(
    config: impl Fn(&Arc<ManualClock>) -> GatewayConfig,
    play: impl Fn(&mut Client) -> Vec<Frame>,
) -> Vec<String> {
    let clock = clock();
    let gateway = Gateway::start(config(&clock)).unwrap();
    summed(&play(&mut Client::connect(gateway.address(), 5)))
}

fn summed(frames: &[Frame]) -> Vec<String> {
    let words = |frame: &Frame| match frame.id {
        3 => format!("orderStatus {} {}", frame.fields.number(1), {
            let held = frame.fields.text_of(10);
            format!("{} {held}", frame.fields.text_of(2)).trim().to_owned()
        }),
        _ => frame.words(),
    };
    kinds(&frames.iter().map(words).collect::<Vec<_>>())
}

/// Kinds of messages with what tells them apart, without pairs that are told again.
fn kinds(words: &[String]) -> Vec<String> {
    let kind = |words: &String| {
        let word: Vec<&str> = words.split(' ').collect();
        match word[0] {
            "openOrder" | "orderStatus" => {
                let held = word[3..].iter().filter(|word| !word.contains('/'));
                [&[word[0], word[2]], &held.copied().collect::<Vec<_>>()[..]].concat().join(" ")
            }
            "error" => format!("error {}", word[2]),
            "completedOrder" => format!("completedOrder {}", word[1]),
            "tickPrice" | "tickSize" | "tickString" => format!("tick {}", word[1]),
            other => other.to_owned(),
        }
    };
    let mut kept: Vec<String> = Vec::new();
    for kind in words.iter().map(kind) {
        kept.push(kind);
        let [.., first, second, open, status] = &kept[..] else { continue };
        let is_pair = open.starts_with("openOrder ") && status.starts_with("orderStatus ");
        let is_again = (first, second) == (open, status);
        let begins = first == "openOrder PreSubmitted"
            && second == "orderStatus PreSubmitted"
            && status == "orderStatus Submitted";
        if is_pair && (is_again || begins) {
            kept.drain(kept.len() - 4..kept.len() - 2);
        }
    }
    kept
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn every_scenario_goes_as_it_was_recorded() {
    let shared = std::env::var("DECILE_SHARED").expect("DECILE_SHARED names the shared folder");
    let path = PathBuf::from(shared).join("captures/sequences.jsonl");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let recorded: BTreeSet<String> = text
        .lines()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["scenario"].as_str().unwrap().to_owned()
        })
        .collect();
    let played = SCENARIOS.iter().map(|(name, ..)| *name);
    let known: BTreeSet<String> =
        played.chain(OTHERWISE.map(|(name, _)| name)).map(str::to_owned).collect();
    assert_eq!(known, recorded);
    for (name, expected, play) in SCENARIOS {
        assert_eq!(play(), *expected, "{name}");
    }
}
