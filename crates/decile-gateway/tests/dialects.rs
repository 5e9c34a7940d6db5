//! Whatever can be traded, in both dialects: the same orders in the same market are told the same.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use chrono::TimeDelta;
use decile_core::{Clock, ManualClock, Shares};
use decile_gateway::{Gateway, GatewayConfig, MarketRules, Ticks, Trouble};
use std::sync::Arc;
use std::time::Duration;
use support::fields::Fields;
use support::text::{self, TextClient};
use support::{Client, Frame, clock, config, id, market, placed, quote, stock};

/// A client of one of the dialects.
enum Speaker {
    Text(TextClient),
    Protobuf(Client),
}

/// Something that happens, to the market or by the client.
enum Step {
    /// An order under an id: side, quantity, type, limit, other price, time in force.
    Place(i32, &'static str),
    /// A leg: the same, below a parent, and whether it lets all of them go.
    Leg(i32, &'static str, i32, bool),
    Cancel(i32),
    Quote(&'static str, &'static str),
    Halt,
    Resume,
    Minutes(i64),
    Liquidate,
}
use Step::{Cancel, Halt, Leg, Liquidate, Minutes, Place, Quote, Resume};

impl Speaker {
    fn place(&mut self, order: i32, terms: &str, (parent, lets_go): (i32, bool)) -> Vec<String> {
        match self {
            Self::Text(client) => {
                let message = text::placed(order, "KO", &format!("{terms}|"), 178);
                let links = format!("|ref|{}|{parent}|", i32::from(lets_go));
                words_of_text(&client.ask(&message.replacen("|ref|1|0|", &links, 1)))
            }
            Self::Protobuf(client) => {
                let terms = protobuf(terms).int(4, parent).int(66, i32::from(lets_go));
                words(&client.ask(id::PLACE_ORDER, placed(order, stock("KO"), terms)))
            }
        }
    }

    fn cancel(&mut self, order: i32) -> Vec<String> {
        match self {
            Self::Text(client) => words_of_text(&client.ask(&format!("4|1|{order}|"))),
            Self::Protobuf(client) => {
                let cancel = Fields::new().int(1, order).message(2, Fields::new());
                words(&client.ask(id::CANCEL_ORDER, cancel))
            }
        }
    }

    fn rest(&mut self) -> Vec<String> {
        match self {
            Self::Text(client) => words_of_text(&client.rest()),
            Self::Protobuf(client) => words(&client.rest()),
        }
    }
}

/// The terms of an order as the other dialect has them.
fn protobuf(terms: &str) -> Fields {
    let [side, quantity, kind, limit, other, tif] =
        terms.split('|').collect::<Vec<_>>().try_into().unwrap();
    let mut fields = market(side, quantity).text(8, kind).text(11, tif);
    for (tag, price) in [(9, limit), (10, other)] {
        if !price.is_empty() {
            fields = fields.double(tag, price.parse().unwrap());
        }
    }
    fields
}

/// What both dialects can say, in the same words; states of open orders stand in their statuses too.
fn words(frames: &[Frame]) -> Vec<String> {
    let words = |frame: &Frame| match frame.id {
        3 => format!("{} {}", frame.words(), frame.fields.text_of(10)),
        5 => format!("openOrder {}", frame.fields.number(1)),
        11 => format!("{} at {}", frame.words(), frame.fields.inner(3).double_of(8)),
        _ => frame.words(),
    };
    frames.iter().map(words).collect()
}

fn words_of_text(told: &[String]) -> Vec<String> {
    let words = |message: &String| {
        let field: Vec<&str> = message.split('|').collect();
        let number = |place: usize| field[place].parse::<f64>().unwrap();
        match field[0] {
            "3" => {
                let (filled, left, held) = (field[3], field[4], field[10]);
                format!("orderStatus {} {} {filled}/{left} {held}", field[1], field[2])
            }
            "4" => format!("error {} {} {}", field[2], field[3], field[4]),
            "5" => format!("openOrder {}", field[1]),
            "11" => {
                let side = format!("{} {} {} {}", field[1], field[2], field[18], field[19]);
                format!("execDetails {side} at {}", number(20))
            }
            "59" => format!("commission {} {}", number(3), field[4]),
            other => panic!("message {other} in {message}"),
        }
    };
    told.iter().map(words).collect()
}

/// Goes through the steps and returns all that is told.
fn run(
    config: GatewayConfig,
    clock: &ManualClock,
    connect: fn(&Gateway) -> Speaker,
    steps: &[Step],
) -> Vec<String> {
    let gateway = Gateway::start(config).unwrap();
    let symbol = "KO".parse().unwrap();
    let mut client = connect(&gateway);
    let mut told = Vec::new();
    for step in steps {
        match step {
            Place(order, terms) => told.extend(client.place(*order, terms, (0, true))),
            Leg(order, terms, parent, lets_go) => {
                told.extend(client.place(*order, terms, (*parent, *lets_go)));
            }
            Cancel(order) => told.extend(client.cancel(*order)),
            Quote(bid, ask) => quote(&gateway, bid, ask),
            Halt => gateway.halt(&symbol),
            Resume => gateway.resume(&symbol),
            Minutes(minutes) => {
                clock.advance(TimeDelta::minutes(*minutes));
                gateway.pass_time();
            }
            Liquidate => gateway.cause(Trouble::Liquidate),
        }
        told.extend(client.rest());
    }
    told
}

/// Goes through the steps in both dialects, on gateways of their own, and counts the fills.
fn fills_in_both(config: impl Fn(&Arc<ManualClock>) -> GatewayConfig, steps: &[Step]) -> usize {
    let speakers: [fn(&Gateway) -> Speaker; 2] = [
        |gateway| Speaker::Text(TextClient::connect(gateway.address(), 5, 178)),
        |gateway| Speaker::Protobuf(Client::connect(gateway.address(), 5)),
    ];
    let [text, protobuf] = speakers.map(|connect| {
        let clock = clock();
        run(config(&clock), &clock, connect, steps)
    });
    assert_eq!(text, protobuf);
    text.iter().filter(|words| words.starts_with("execDetails")).count()
}

fn ruled(rules: MarketRules) -> impl Fn(&Arc<ManualClock>) -> GatewayConfig {
    move |clock| config(clock).rules(rules)
}

const BUY: Step = Place(1, "BUY|10|MKT|||DAY");

#[test]
fn stops_trail_and_trigger() {
    let stop = [BUY, Place(2, "SELL|10|STP||59|DAY"), Quote("58.90", "58.95")];
    assert_eq!(fills_in_both(config, &stop), 2);
    let limit =
        [Place(1, "BUY|10|STP LMT|61.1|61|DAY"), Quote("61.20", "61.25"), Quote("61.00", "61.05")];
    assert_eq!(fills_in_both(config, &limit), 1);
    let trail =
        [BUY, Place(2, "SELL|10|TRAIL||1|DAY"), Quote("62.00", "62.05"), Quote("60.95", "61.00")];
    assert_eq!(fills_in_both(config, &trail), 2);
}

#[test]
fn times_in_force_end_what_they_end() {
    let at_once = [Place(1, "BUY|10|LMT|59||IOC"), Place(2, "BUY|10|LMT|61||IOC")];
    assert_eq!(fills_in_both(config, &at_once), 1);
    assert_eq!(fills_in_both(config, &[Place(1, "BUY|10|MKT|||FOK")]), 0);
    let rules = MarketRules {
        fill_or_kill: true,
        shares_per_quote: Some(Shares::new(4)),
        ..MarketRules::default()
    };
    let all_or_none = [
        Quote("59.98", "60.02"),
        Place(1, "BUY|10|MKT|||FOK"),
        Place(2, "BUY|4|MKT|||FOK"),
        Place(3, "BUY|10|MKT|||IOC"),
    ];
    assert_eq!(fills_in_both(ruled(rules), &all_or_none), 1);
    let changed =
        [Place(1, "BUY|10|LMT|59||GTC"), Place(1, "BUY|20|LMT|59.5||GTC"), Cancel(1), Cancel(9)];
    assert_eq!(fills_in_both(config, &changed), 0);
}

#[test]
fn auctions_deal_at_their_bells() {
    let hours = MarketRules { hours: true, ..MarketRules::default() };
    let early = |clock: &Arc<ManualClock>| {
        clock.advance(TimeDelta::hours(-3));
        config(clock).rules(hours)
    };
    let open = [
        BUY,
        Place(2, "BUY|10|MKT|||OPG"),
        Place(3, "BUY|10|LMT|61||OPG"),
        Place(4, "BUY|10|LMT|59||OPG"),
        Minutes(120),
    ];
    assert_eq!(fills_in_both(early, &open), 3);
    let close = [
        Place(1, "BUY|10|MOC|||DAY"),
        Place(2, "BUY|10|LOC|61||DAY"),
        Place(3, "BUY|10|LOC|59||DAY"),
        Minutes(330),
    ];
    assert_eq!(fills_in_both(ruled(MarketRules::default()), &close), 2);
}

#[test]
fn markets_halt_bound_and_run_short() {
    assert_eq!(fills_in_both(config, &[Halt, BUY, Quote("60.00", "60.10"), Resume]), 1);
    let band =
        MarketRules { price_band: Some("0.0294".parse().unwrap()), ..MarketRules::default() };
    let beyond = [Place(1, "BUY|1|LMT|61.77||DAY"), Place(2, "BUY|1|LMT|61.76||DAY")];
    assert_eq!(fills_in_both(ruled(band), &beyond), 1);
    let thin = MarketRules { shares_per_quote: Some(Shares::new(300)), ..MarketRules::default() };
    let parts = [Place(1, "BUY|1000|MKT|||DAY"), Quote("60.00", "60.10"), Quote("60.00", "60.10")];
    assert_eq!(fills_in_both(ruled(thin), &parts), 3);
}

#[test]
fn a_market_that_moves_fills_the_rest_reaches_stops_and_halts() {
    let rules = MarketRules { shares_per_quote: Some(Shares::new(300)), ..MarketRules::default() };
    let moving = |clock: &Arc<ManualClock>| {
        let ticks = Ticks::walk(7).every(Duration::from_secs(60));
        let [from, until] = [5, 7].map(|minutes| clock.now() + TimeDelta::minutes(minutes));
        config(clock).rules(rules).ticks(ticks).halt("KO".parse().unwrap(), from, Some(until))
    };
    let parts = [Place(1, "BUY|1000|MKT|||DAY"), Minutes(1), Minutes(2)];
    assert_eq!(fills_in_both(moving, &parts), 4);
    let stop = [BUY, Place(2, "SELL|10|TRAIL||0.01|DAY"), Minutes(60)];
    assert_eq!(fills_in_both(moving, &stop), 2);
    assert_eq!(fills_in_both(moving, &[Minutes(5), BUY, Minutes(1)]), 0);
    assert_eq!(fills_in_both(moving, &[Minutes(5), BUY, Minutes(2)]), 1);
    // Ten hours on the close of that day is over.
    let close = [Place(1, "BUY|10|MOC|||DAY"), Place(2, "BUY|10|LMT|50||DAY"), Minutes(600)];
    assert_eq!(fills_in_both(moving, &close), 1);
}

#[test]
fn accounts_borrow_settle_and_are_liquidated() {
    let margin = |clock: &_| config(clock).cash("10000".parse().unwrap()).margin(true);
    let short = [Place(1, "SELL|100|MKT|||DAY"), Place(2, "SELL|900|MKT|||DAY")];
    assert_eq!(fills_in_both(margin, &short), 1);
    let next_day = MarketRules { next_day_settlement: true, ..MarketRules::default() };
    let poor = |clock: &_| config(clock).cash("1000".parse().unwrap()).rules(next_day);
    let settled = [
        Place(1, "SELL|1|MKT|||DAY"),
        Place(2, "BUY|16|MKT|||DAY"),
        Place(3, "SELL|16|MKT|||DAY"),
        Place(4, "BUY|1|MKT|||DAY"),
        Minutes(1440),
        Place(5, "BUY|1|MKT|||DAY"),
    ];
    assert_eq!(fills_in_both(poor, &settled), 3);
    assert_eq!(fills_in_both(config, &[BUY, Liquidate]), 2);
}

#[test]
fn legs_wait_for_their_parent_and_end_each_other() {
    let bracket = [
        Leg(1, "BUY|10|LMT|59||DAY", 0, false),
        Leg(2, "SELL|10|LMT|65||DAY", 1, false),
        Leg(3, "SELL|10|STP||55|DAY", 1, true),
        Quote("58.90", "58.95"),
        Quote("65.00", "65.05"),
    ];
    assert_eq!(fills_in_both(config, &bracket), 2);
}
