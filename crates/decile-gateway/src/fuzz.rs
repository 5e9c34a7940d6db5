//! Whatever a client sends, and whatever happens beside it: nothing panics, hangs or grows.
//!
//! The tests run a bounded number of inputs. `PROPTEST_CASES=100000 cargo test --release -p
//! decile-gateway --lib fuzz` runs ten million of them through each of both tests.

use crate::engine::{Engine, Line, Reply};
use crate::faults::{Fault, Faults, Message, Trouble};
use crate::wire::Dialect;
use crate::{GatewayConfig, HaltKind, MarketRules, Ticks, Venue};
use chrono::TimeDelta;
use decile_core::{Clock, Currency, Decimal, ManualClock, Price, Quote, Shares};
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How many inputs a case has at most.
const INPUTS: usize = 100;

/// More bytes than the answers to a case of [`INPUTS`] inputs can have.
const BYTES_MAX: usize = 64 << 20;

/// Encodes what it is told, and counts the bytes.
#[derive(Debug)]
struct Sink {
    dialect: Dialect,
    buffer: Mutex<Vec<u8>>,
    bytes: Arc<AtomicUsize>,
}

impl Line for Sink {
    fn send(&self, reply: &Reply) {
        let mut buffer = self.buffer.lock().unwrap();
        buffer.clear();
        self.dialect.reply(reply, "DU1", &mut buffer);
        // Every frame has the length that it says.
        let mut rest = &buffer[..];
        while let Some((length, body)) = rest.split_first_chunk::<4>() {
            rest = &body[u32::from_be_bytes(*length) as usize..];
        }
        assert!(rest.is_empty());
        self.bytes.fetch_add(buffer.len(), Ordering::Relaxed);
    }

    fn garble(&self, reply: &Reply) {
        self.dialect.garbled(reply, "DU1", &mut Vec::new());
    }

    fn close(&self) {}
}

/// Something that happens to a gateway.
#[derive(Debug, Clone)]
enum Input {
    /// A frame of one of three clients: two of text, one of protobuf.
    Frame(u64, Vec<u8>),
    Quote(usize, i64),
    Halt(usize, bool),
    Wait(i64),
    Faults(Vec<Fault>),
    Sudden(Trouble),
    Leave(u64),
}

const SYMBOLS: [&str; 3] = ["KO", "PEP", "BAC"];

/// Bytes of all kinds, most of which begin like a message of the dialect.
fn body(client: u64) -> BoxedStrategy<Vec<u8>> {
    let bytes = prop::collection::vec(any::<u8>(), 0..60);
    match client {
        3 => prop_oneof![
            (190..320_u32, bytes.clone())
                .prop_map(|(id, rest)| [&id.to_be_bytes()[..], &rest].concat()),
            (200..310_u32, prop::collection::vec(protobuf_field(), 0..12))
                .prop_map(|(id, fields)| [&id.to_be_bytes()[..], &fields.concat()].concat()),
            bytes,
        ]
        .boxed(),
        _ => prop_oneof![
            3 => text_order(),
            2 => (1..110_u32, prop::collection::vec(word(), 0..30))
                .prop_map(|(id, words)| format!("{id}\0{}\0", words.join("\0")).into_bytes()),
            1 => bytes,
        ]
        .boxed(),
    }
}

/// A field of a protobuf message: its key and a value of its type, or nearly so.
fn protobuf_field() -> impl Strategy<Value = Vec<u8>> {
    let key = |tag: u8, kind: u8| vec![tag << 3 | kind];
    prop_oneof![
        (1..16_u8, 0..128_u8).prop_map(move |(tag, value)| [key(tag, 0), vec![value]].concat()),
        (1..16_u8, any::<f64>()).prop_map(move |(tag, value)| [
            key(tag, 1),
            value.to_le_bytes().to_vec()
        ]
        .concat()),
        (1..16_u8, word()).prop_map(move |(tag, word)| {
            [key(tag, 2), vec![word.len() as u8], word.into_bytes()].concat()
        }),
        (1..16_u8, 0..40_u8).prop_map(move |(tag, length)| [key(tag, 2), vec![length]].concat()),
    ]
}

/// A word that means something somewhere.
fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "",
        "0",
        "1",
        "2",
        "3",
        "5",
        "-1",
        "10",
        "59.5",
        "60.0",
        "1e300",
        "NaN",
        "2147483647",
        "KO",
        "PEP",
        "STK",
        "SMART",
        "NYSE",
        "USD",
        "BUY",
        "SELL",
        "MKT",
        "LMT",
        "STP",
        "DAY",
        "GTC",
        "DU1",
        "All",
        "NetLiquidation,BuyingPower",
        "1 day",
        "1 min",
        "1 D",
        "2 W",
        "TRADES",
        "20260825 10:00:00",
        "?",
    ])
    .prop_map(str::to_owned)
}

/// An order that may well be taken.
fn text_order() -> BoxedStrategy<Vec<u8>> {
    fn choose<T: Clone + std::fmt::Debug + 'static>(from: &[T]) -> prop::sample::Select<T> {
        prop::sample::select(from.to_vec())
    }
    (
        1..25_i32,
        choose(&SYMBOLS),
        choose(&["BUY", "SELL"]),
        1..300_i32,
        choose(&["MKT", "LMT", "STP", "STP LMT", "MOC", "LOC", "TRAIL"]),
        (choose(&["", "58.5", "60.0", "61.25"]), choose(&["", "0.5", "59.0", "61.0"])),
        // Dates of the day, of the next session, and none that can be read.
        choose(&[
            ("DAY", ""),
            ("GTC", ""),
            ("IOC", ""),
            ("FOK", ""),
            ("OPG", ""),
            ("", ""),
            ("GTD", "15:59:00"),
            ("GTD", "20260826-18:00:00"),
            ("GTD", "20260826"),
        ]),
        choose(&["", "group"]),
        (any::<bool>(), 0..4_i32),
    )
        .prop_map(|(id, symbol, side, count, kind, (limit, aux), (tif, till), group, (transmit, parent))| {
            let transmit = i32::from(transmit);
            format!(
                "3|{id}|0|{symbol}|STK||0.0|||SMART||USD|||||{side}|{count}|{kind}|{limit}|{aux}|{tif}|{group}||\
                 O|0|ref|{transmit}|{parent}|0|0|0|0|0|0||0.0||{till}|||||0||-1|1|||0|||0|0||0||||||0|||||0||||||||\
                 |||0|||0|0|||0||0|0|0|0|||||||0|||||||||0|0|0|0|||0|||"
            )
            .replace('|', "\0")
            .into_bytes()
        })
        .boxed()
}

fn input() -> impl Strategy<Value = Input> {
    let faults = prop::sample::select(vec![
        Fault::of(Trouble::Drop).message(Message::OrderStatus),
        Fault::of(Trouble::Reorder),
        Fault::of(Trouble::Duplicate),
        Fault::of(Trouble::NoStatus),
        Fault::of(Trouble::CorrectExecution),
        Fault::of(Trouble::CommissionUnset),
        Fault::of(Trouble::SwallowOrder).skip(2),
        Fault::of(Trouble::Disconnect).skip(3),
        Fault::of(Trouble::DisconnectAfter).skip(3),
        Fault::of(Trouble::Stall).skip(5),
        Fault::of(Trouble::Stall).lasting(Duration::from_millis(1)),
        Fault::of(Trouble::RollBackIds),
    ]);
    let sudden = prop::sample::select(vec![
        Trouble::Restart,
        Trouble::RestartEmpty,
        Trouble::LoseConnection,
        Trouble::RestoreConnection,
        Trouble::RestoreWithoutData,
        Trouble::FlapFarm,
        Trouble::Liquidate,
        Trouble::Stall,
    ]);
    prop_oneof![
        30 => (1..4_u64).prop_flat_map(|client| body(client).prop_map(move |body| Input::Frame(client, body))),
        8 => (0..3_usize, 5_000..7_000_i64).prop_map(|(stock, cents)| Input::Quote(stock, cents)),
        1 => (0..3_usize, any::<bool>()).prop_map(|(stock, halt)| Input::Halt(stock, halt)),
        2 => (1..40_000_i64).prop_map(Input::Wait),
        1 => prop::collection::vec(faults, 0..3).prop_map(Input::Faults),
        1 => sudden.prop_map(Input::Sudden),
        1 => (1..4_u64).prop_map(Input::Leave),
    ]
}

fn dialect(client: u64) -> Dialect {
    Dialect::of(match client {
        1 => 178,
        2 => 157,
        _ => 226,
    })
}

fn connect(engine: &mut Engine, client: u64, bytes: &Arc<AtomicUsize>) {
    let bytes = bytes.clone();
    engine.connect(client, |_| {
        Arc::new(Sink { dialect: dialect(client), buffer: Mutex::default(), bytes })
    });
    let start = crate::engine::Request::StartApi { client: client as i32 };
    engine.handle(client, vec![start]);
}

fn happen(engine: &mut Engine, clock: &ManualClock, input: Input, bytes: &Arc<AtomicUsize>) {
    match input {
        Input::Frame(client, body) => {
            let request = dialect(client).request(&body);
            let _ = request.to_string();
            engine.handle(client, vec![request]);
        }
        Input::Quote(stock, cents) => engine.set_quotes([Quote::centred(
            SYMBOLS[stock].parse().unwrap(),
            Price::new(Decimal::new(cents, 2)).unwrap(),
            Decimal::new(2, 4),
            Currency::USD,
            clock.now(),
        )]),
        Input::Halt(stock, halt) => {
            engine.halt(&SYMBOLS[stock].parse().unwrap(), halt.then_some(HaltKind::General));
        }
        Input::Wait(seconds) => {
            clock.advance(TimeDelta::seconds(seconds));
            engine.pass_time();
        }
        Input::Faults(faults) => engine.set_faults(Faults::new(faults)),
        Input::Sudden(trouble) => engine.cause(trouble),
        Input::Leave(client) => {
            engine.disconnect(client);
            connect(engine, client, bytes);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_session_goes_on(
        inputs in prop::collection::vec(input(), INPUTS),
        is_margin in any::<bool>(),
        hours in any::<bool>(),
        depth in prop::option::of(1..200_i64),
        moves in prop::option::of(any::<u64>()),
    ) {
        let clock = Arc::new(ManualClock::new("2026-08-25T14:30:00Z".parse().unwrap()));
        let rules = MarketRules {
            hours,
            shares_per_quote: depth.map(Shares::new),
            fill_or_kill: true,
            ..MarketRules::default()
        };
        let config = GatewayConfig::new(Venue::large_us(1)).clock(clock.clone()).rules(rules);
        let config = config.margin(is_margin).cash("50000".parse().unwrap());
        let hourly = |seed| Ticks::walk(seed).every(Duration::from_secs(3600));
        let config = moves.into_iter().fold(config, |config, seed| config.ticks(hourly(seed)));
        let (mut engine, _) = Engine::open(&config).unwrap();
        let bytes = Arc::new(AtomicUsize::new(0));
        (1..4).for_each(|client| connect(&mut engine, client, &bytes));
        for input in inputs {
            happen(&mut engine, &clock, input, &bytes);
            prop_assert!(!engine.has_failed());
        }
        prop_assert!(bytes.load(Ordering::Relaxed) < BYTES_MAX);
    }

    #[test]
    fn any_body_is_read(bodies in prop::collection::vec((1..4_u64).prop_flat_map(|client| (Just(client), body(client))), INPUTS)) {
        for (client, body) in bodies {
            let _ = dialect(client).request(&body).to_string();
        }
    }
}
