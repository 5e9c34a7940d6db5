//! A small client of its own: it knows the wire, and nothing of the gateway's types.
#![expect(dead_code, reason = "no test file uses all of it")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

pub(crate) mod fields;
pub(crate) mod text;

use decile_core::{Clock, Currency, ManualClock, Money, Quote};
use decile_gateway::{Gateway, GatewayConfig, Venue};
use fields::Fields;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Ids of messages, in both directions.
pub(crate) mod id {
    pub(crate) const MARKET_DATA: i32 = 1;
    pub(crate) const CANCEL_MARKET_DATA: i32 = 2;
    pub(crate) const PLACE_ORDER: i32 = 3;
    pub(crate) const CANCEL_ORDER: i32 = 4;
    pub(crate) const OPEN_ORDERS: i32 = 5;
    pub(crate) const ACCOUNT_UPDATES: i32 = 6;
    pub(crate) const EXECUTIONS: i32 = 7;
    pub(crate) const IDS: i32 = 8;
    pub(crate) const CONTRACT_DETAILS: i32 = 9;
    pub(crate) const ALL_OPEN_ORDERS: i32 = 16;
    pub(crate) const MANAGED_ACCOUNTS: i32 = 17;
    pub(crate) const HISTORY: i32 = 20;
    pub(crate) const CURRENT_TIME: i32 = 49;
    pub(crate) const GLOBAL_CANCEL: i32 = 58;
    pub(crate) const MARKET_DATA_TYPE: i32 = 59;
    pub(crate) const POSITIONS: i32 = 61;
    pub(crate) const ACCOUNT_SUMMARY: i32 = 62;
    pub(crate) const CANCEL_ACCOUNT_SUMMARY: i32 = 63;
    pub(crate) const CANCEL_POSITIONS: i32 = 64;
    pub(crate) const START_API: i32 = 71;
    pub(crate) const ACCOUNT_MULTI: i32 = 76;
    pub(crate) const COMPLETED_ORDERS: i32 = 99;
}

/// Half past ten in New York on a Tuesday.
pub(crate) const NOW: &str = "2026-08-25T14:30:00.123Z";

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(NOW.parse().unwrap()))
}

pub(crate) fn config(clock: &Arc<ManualClock>) -> GatewayConfig {
    let clock: Arc<dyn Clock> = clock.clone();
    GatewayConfig::new(Venue::large_us(1)).clock(clock).life(0)
}

/// A gateway at rest: its clock stands still and KO trades at 59.98 and 60.02.
pub(crate) fn gateway() -> Gateway {
    Gateway::start(config(&clock())).unwrap()
}

pub(crate) fn with_cash(cash: &str) -> Gateway {
    let cash: Money = cash.parse().unwrap();
    Gateway::start(config(&clock()).cash(cash)).unwrap()
}

/// Bid and ask of KO become these.
pub(crate) fn quote(gateway: &Gateway, bid: &str, ask: &str) {
    gateway.set_quotes([Quote {
        symbol: "KO".parse().unwrap(),
        bid: Some(bid.parse().unwrap()),
        ask: Some(ask.parse().unwrap()),
        last: Some(bid.parse().unwrap()),
        previous_close: None,
        currency: Currency::USD,
        time: NOW.parse().unwrap(),
    }]);
}

/// A message: its id without the offset of the dialect, and its fields.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    pub(crate) id: i32,
    pub(crate) fields: Fields,
}

#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Client {
    /// Connects and reads the greeting.
    pub(crate) fn connect(address: SocketAddr, client_id: i32) -> Self {
        Self::greeted(address, client_id).0
    }

    /// Connects and returns the greeting too, up to its last farm.
    pub(crate) fn greeted(address: SocketAddr, client_id: i32) -> (Self, Vec<String>) {
        let mut client = Self::shaken(address);
        client.send(id::START_API, Fields::new().int(1, client_id));
        let greeting = client.until(|frame| frame.is_error(2158));
        (client, greeting.iter().map(Frame::words).collect())
    }

    /// Connects and shakes hands, and says no more.
    pub(crate) fn shaken(address: SocketAddr) -> Self {
        let (client, answer) = Self::offering(address, "v100..226");
        assert!(answer.unwrap().starts_with("226\0"));
        client
    }

    /// Offers versions and returns what is answered, or nothing if the connection is closed.
    pub(crate) fn offering(address: SocketAddr, versions: &str) -> (Self, Option<String>) {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let reader = BufReader::new(stream.try_clone().unwrap());
        let mut client = Self { stream, reader };
        client.write(b"API\0");
        client.write_frame(versions.as_bytes());
        let answer = client.read_body().map(|body| String::from_utf8(body).unwrap());
        (client, answer)
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    pub(crate) fn write_frame(&mut self, body: &[u8]) {
        self.write(&framed(body));
    }

    pub(crate) fn send(&mut self, message: i32, fields: Fields) {
        self.write(&encoded(message, &fields));
    }

    /// Reads the next message; nothing if the connection has ended.
    pub(crate) fn next(&mut self) -> Option<Frame> {
        let body = self.read_body()?;
        let id = i32::from_be_bytes(body[..4].try_into().unwrap());
        assert!(id > 200, "message {id} is not protobuf");
        Some(Frame { id: id - 200, fields: Fields::decode(&body[4..]).unwrap() })
    }

    /// Tells whether nothing comes for a while.
    pub(crate) fn is_silent_for(&mut self, time: Duration) -> bool {
        self.stream.set_read_timeout(Some(time)).unwrap();
        let is_silent = self.reader.buffer().is_empty() && self.stream.peek(&mut [0]).is_err();
        self.stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        is_silent
    }

    /// Reads until so many messages of an id have come, without looking into any.
    pub(crate) fn skip(&mut self, id: i32, count: i32) {
        let mut seen = 0;
        while seen < count {
            let body = self.read_body().unwrap();
            seen += i32::from(body[..4] == (id + 200).to_be_bytes());
        }
    }

    /// Reads the body of the next frame, whatever it is.
    pub(crate) fn next_body(&mut self) -> Vec<u8> {
        self.read_body().unwrap()
    }

    fn read_body(&mut self) -> Option<Vec<u8>> {
        let mut length = [0; 4];
        self.reader.read_exact(&mut length).ok()?;
        let mut body = vec![0; u32::from_be_bytes(length) as usize];
        self.reader.read_exact(&mut body).ok()?;
        Some(body)
    }

    /// Reads up to and with a message.
    pub(crate) fn until(&mut self, is_last: impl Fn(&Frame) -> bool) -> Vec<Frame> {
        let mut frames = Vec::new();
        loop {
            let frame =
                self.next().unwrap_or_else(|| panic!("the connection ended after {frames:#?}"));
            frames.push(frame);
            if is_last(&frames[frames.len() - 1]) {
                return frames;
            }
        }
    }

    /// Sends a request and returns all that comes back. A gateway answers in order, so the answer
    /// to a request for ids that follows is where it ends.
    pub(crate) fn ask(&mut self, message: i32, fields: Fields) -> Vec<Frame> {
        self.send(message, fields);
        self.rest()
    }

    /// Returns all that has come in the meantime.
    pub(crate) fn rest(&mut self) -> Vec<Frame> {
        self.send(id::IDS, Fields::new().int(1, 1));
        let mut frames = self.until(|frame| frame.id == 9);
        frames.pop();
        frames
    }

    pub(crate) fn told(&mut self, message: i32, fields: Fields) -> Vec<String> {
        self.ask(message, fields).iter().map(Frame::words).collect()
    }

    /// Places an order and returns what is said of it.
    pub(crate) fn place(&mut self, order_id: i32, symbol: &str, order: Fields) -> Vec<String> {
        self.told(id::PLACE_ORDER, placed(order_id, stock(symbol), order))
    }

    pub(crate) fn cancel(&mut self, order_id: i32) -> Vec<String> {
        self.told(id::CANCEL_ORDER, Fields::new().int(1, order_id).message(2, Fields::new()))
    }

    pub(crate) fn next_id(&mut self) -> i64 {
        self.send(id::IDS, Fields::new());
        self.until(|frame| frame.id == 9)[0].fields.number(1)
    }

    pub(crate) fn positions(&mut self) -> Vec<String> {
        let told = self.told(id::POSITIONS, Fields::new());
        self.send(id::CANCEL_POSITIONS, Fields::new());
        told
    }

    /// Returns the value of a tag of an account summary.
    pub(crate) fn summary(&mut self, tag: &str) -> Money {
        let request = Fields::new().int(1, 77).text(2, "All").text(3, tag);
        let frames = self.ask(id::ACCOUNT_SUMMARY, request);
        self.send(id::CANCEL_ACCOUNT_SUMMARY, Fields::new().int(1, 77));
        frames[0].fields.text_of(4).parse().unwrap()
    }
}

pub(crate) fn framed(body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len()).unwrap().to_be_bytes(), body].concat()
}

pub(crate) fn encoded(message: i32, fields: &Fields) -> Vec<u8> {
    framed(&[&(message + 200).to_be_bytes()[..], &fields.encode()].concat())
}

pub(crate) fn stock(symbol: &str) -> Fields {
    Fields::new().text(2, symbol).text(3, "STK").text(8, "SMART").text(10, "USD")
}

pub(crate) fn placed(order_id: i32, contract: Fields, order: Fields) -> Fields {
    Fields::new().int(1, order_id).message(2, contract).message(3, order)
}

pub(crate) fn market(action: &str, quantity: &str) -> Fields {
    Fields::new().text(5, action).text(6, quantity).text(8, "MKT").text(11, "DAY").int(66, 1)
}

pub(crate) fn limit(action: &str, quantity: &str, price: f64) -> Fields {
    market(action, quantity).text(8, "LMT").double(9, price)
}

impl Frame {
    pub(crate) fn is_error(&self, code: i64) -> bool {
        self.id == 4 && self.fields.number(3) == code
    }

    /// Says in words what a test wants to see at a glance.
    pub(crate) fn words(&self) -> String {
        let fields = &self.fields;
        let (text, number) = (|tag| fields.text_of(tag), |tag| fields.number(tag));
        match self.id {
            1 => format!("tickPrice {} {}", number(2), fields.double_of(3)),
            2 => format!("tickSize {} {}", number(2), text(3)),
            3 => format!("orderStatus {} {} {}/{}", number(1), text(2), text(3), text(4)),
            4 => format!("error {} {} {}", number(1), number(3), text(4)),
            5 => format!("openOrder {} {}", number(1), fields.inner(4).text_of(1)),
            6 => format!("accountValue {} {} {}", text(1), text(2), text(3)),
            7 => format!("portfolio {} {}", fields.inner(1).text_of(2), text(2)),
            8 => "accountTime".to_owned(),
            9 => format!("nextValidId {}", number(1)),
            10 => format!("contractDetails {}", number(1)),
            11 => {
                let execution = fields.inner(3);
                let (side, shares) = (execution.text_of(6), execution.text_of(7));
                format!("execDetails {} {} {side} {shares}", number(1), execution.number(1))
            }
            15 => format!("managedAccounts {}", text(1)),
            17 => format!("historicalData {} {}", number(1), fields.all(2).len()),
            45 => format!("tickGeneric {} {}", number(2), fields.double_of(3)),
            46 => format!("tickString {} {}", number(2), text(3)),
            49 => format!("currentTime {}", number(1)),
            52 => "contractDetailsEnd".to_owned(),
            53 => "openOrderEnd".to_owned(),
            54 => "accountDownloadEnd".to_owned(),
            55 => "execDetailsEnd".to_owned(),
            57 => "tickSnapshotEnd".to_owned(),
            58 => format!("marketDataType {}", number(2)),
            59 => format!("commission {} {}", fields.double_of(2), text(3)),
            61 => format!("position {} {}", fields.inner(2).text_of(2), text(3)),
            62 => "positionEnd".to_owned(),
            63 => format!("accountSummary {} {} {}", text(3), text(4), text(5)),
            64 => "accountSummaryEnd".to_owned(),
            73 => format!("accountMulti {} {} {}", text(4), text(5), text(6)),
            74 => "accountMultiEnd".to_owned(),
            81 => format!("tickReqParams {}", number(4)),
            101 => format!("completedOrder {}", fields.inner(3).text_of(1)),
            102 => "completedOrdersEnd".to_owned(),
            108 => format!("historicalDataEnd {} {}", text(2), text(3)),
            other => format!("message {other}"),
        }
    }
}

/// Connects once the connection before, which was dropped, is forgotten.
pub(crate) fn greeted_again(address: SocketAddr, client_id: i32) -> (Client, Vec<String>) {
    let end = Instant::now() + Duration::from_secs(5);
    loop {
        let mut client = Client::shaken(address);
        client.send(id::START_API, Fields::new().int(1, client_id));
        let first = client.next().unwrap();
        if !first.is_error(326) {
            let mut greeting = vec![first.words()];
            let rest = client.until(|frame| frame.is_error(2158));
            greeting.extend(rest.iter().map(Frame::words));
            return (client, greeting);
        }
        assert!(Instant::now() < end, "client id {client_id} stays in use");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn connect_again(address: SocketAddr, client_id: i32) -> Client {
    greeted_again(address, client_id).0
}
