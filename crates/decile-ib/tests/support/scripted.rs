//! A gateway that does as it is told, and is polite where it is not told anything.

use super::message::{Message, Request, framed};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub(crate) const PLACE_ORDER: u32 = 3;
pub(crate) const CANCEL_ORDER: u32 = 4;
pub(crate) const EXECUTIONS: u32 = 7;
pub(crate) const IDS: u32 = 8;
pub(crate) const CONTRACT: u32 = 9;
pub(crate) const ALL_OPEN_ORDERS: u32 = 16;
pub(crate) const CURRENT_TIME: u32 = 49;
pub(crate) const COMPLETED_ORDERS: u32 = 99;
const MANAGED_ACCOUNTS: u32 = 17;
const START_API: u32 = 71;

/// What a request gets.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// What a gateway with nothing in it says.
    Polite,
    /// These messages.
    Frames(Vec<Vec<u8>>),
    /// The connection is closed.
    Close,
    /// Nothing more is read or written, and the connection stays.
    Freeze,
}

type Handler = Box<dyn FnMut(&Request) -> Reply + Send>;

/// What is said to a client that connects.
#[derive(Debug, Clone)]
pub(crate) struct Greeting {
    pub(crate) account: String,
    pub(crate) next_order_id: i64,
    /// What comes before account and order id: open orders of the client.
    pub(crate) before: Vec<Vec<u8>>,
}

impl Greeting {
    pub(crate) fn new(account: &str, next_order_id: i64) -> Self {
        Self { account: account.to_owned(), next_order_id, before: Vec::new() }
    }

    fn accounts(&self) -> Vec<u8> {
        Message::new().text(1, &self.account).frame(15)
    }

    fn next_order_id(&self) -> Vec<u8> {
        Message::new().int(1, self.next_order_id).frame(9)
    }
}

pub(crate) struct Scripted {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    greeting: Mutex<Greeting>,
    handler: Mutex<Handler>,
    requests: Mutex<Vec<Request>>,
    streams: Mutex<Vec<TcpStream>>,
    connections: AtomicUsize,
    open: AtomicUsize,
    stopped: AtomicBool,
}

impl Scripted {
    pub(crate) fn start(
        greeting: Greeting,
        handler: impl FnMut(&Request) -> Reply + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            greeting: Mutex::new(greeting),
            handler: Mutex::new(Box::new(handler)),
            requests: Mutex::default(),
            streams: Mutex::default(),
            connections: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if accepting.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                shared.streams.lock().unwrap().push(stream.try_clone().unwrap());
                thread::spawn(move || shared.serve(stream));
            }
        });
        Self { port, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Everything that was asked, in order, over all connections.
    pub(crate) fn requests(&self, id: u32) -> Vec<Request> {
        let requests = self.shared.requests.lock().unwrap();
        requests.iter().filter(|request| request.id == id).cloned().collect()
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }

    pub(crate) fn greet_with(&self, greeting: Greeting) {
        *self.shared.greeting.lock().unwrap() = greeting;
    }

    /// Says something unasked, on every connection.
    pub(crate) fn say(&self, frames: &[Vec<u8>]) {
        for stream in self.shared.streams.lock().unwrap().iter_mut() {
            for frame in frames {
                let _ = stream.write_all(frame);
            }
        }
    }

    /// Cuts every connection.
    pub(crate) fn cut(&self) {
        for stream in self.shared.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        self.cut();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        self.open.fetch_add(1, Ordering::SeqCst);
        // An error is the client's going.
        let _ = self.converse(&mut stream);
        let _ = stream.shutdown(std::net::Shutdown::Both);
        self.open.fetch_sub(1, Ordering::SeqCst);
    }

    fn converse(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut prefix = [0; 4];
        stream.read_exact(&mut prefix)?;
        read_frame(stream)?;
        self.connections.fetch_add(1, Ordering::SeqCst);
        stream.write_all(&framed(b"225\x0020260824 22:23:43 CET\x00"))?;
        loop {
            let request = Request::read(&read_frame(stream)?);
            self.requests.lock().unwrap().push(request.clone());
            let reply = (self.handler.lock().unwrap())(&request);
            let frames = match reply {
                Reply::Polite => self.polite(&request),
                Reply::Frames(frames) => frames,
                Reply::Close => return Ok(()),
                Reply::Freeze => loop {
                    thread::sleep(Duration::from_millis(20));
                    if self.stopped.load(Ordering::SeqCst) {
                        return Ok(());
                    }
                },
            };
            for frame in frames {
                stream.write_all(&frame)?;
            }
        }
    }

    fn polite(&self, request: &Request) -> Vec<Vec<u8>> {
        let greeting = self.greeting.lock().unwrap().clone();
        let number = || Message::new().int(1, request.int(1).unwrap());
        match request.id {
            START_API => {
                let mut frames = greeting.before.clone();
                frames.extend([greeting.accounts(), greeting.next_order_id()]);
                frames.push(error(-1, 2104, "Market data farm connection is OK:usfarm"));
                frames
            }
            MANAGED_ACCOUNTS => vec![greeting.accounts()],
            IDS => vec![greeting.next_order_id()],
            ALL_OPEN_ORDERS => vec![open_orders_end()],
            COMPLETED_ORDERS => vec![Message::new().frame(102)],
            EXECUTIONS => vec![number().frame(55)],
            CURRENT_TIME => vec![Message::new().int(1, 1_764_601_200).frame(49)],
            CONTRACT => {
                let symbol = request.part(2).unwrap().text(2).unwrap();
                let details = Message::new().text(1, "NMS").text(2, "0.01");
                let contract = contract(&symbol).text(9, "NASDAQ");
                let row = number().part(2, &contract).part(3, &details);
                vec![row.frame(10), number().frame(52)]
            }
            _ => Vec::new(),
        }
    }
}

fn read_frame(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut body = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut body)?;
    Ok(body)
}

/// A contract of a stock, numbered by its letters.
pub(crate) fn contract(symbol: &str) -> Message {
    let number = symbol.bytes().fold(1000, |sum, byte| sum * 7 % 1_000_000 + i64::from(byte));
    let contract = Message::new().int(1, number).text(2, symbol).text(3, "STK");
    contract.text(8, "SMART").text(10, "USD")
}

pub(crate) fn open_orders_end() -> Vec<u8> {
    Message::new().frame(53)
}

pub(crate) fn error(id: i64, code: i64, text: &str) -> Vec<u8> {
    Message::new().int(1, id).int(2, 1_764_601_200_000).int(3, code).text(4, text).frame(4)
}

/// An order as the tests' gateways tell of it.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) client_id: i64,
    pub(crate) order_id: i64,
    pub(crate) perm_id: i64,
    pub(crate) account: String,
    pub(crate) symbol: String,
    pub(crate) quantity: i64,
    pub(crate) order_ref: String,
}

impl Told {
    /// Reads what a client has sent.
    pub(crate) fn of(request: &Request, client_id: i64) -> Self {
        let (contract, order) = (request.part(2).unwrap(), request.part(3).unwrap());
        let order_id = request.int(1).unwrap();
        Self {
            client_id,
            order_id,
            perm_id: 900_000 + order_id,
            account: order.text(12).unwrap(),
            symbol: contract.text(2).unwrap(),
            quantity: order.text(6).unwrap().parse().unwrap(),
            order_ref: order.text(28).unwrap(),
        }
    }

    pub(crate) fn open(&self, status: &str) -> Vec<u8> {
        self.row_in(&Message::new().text(1, status)).frame(5)
    }

    /// An order in a state.
    pub(crate) fn row_in(&self, state: &Message) -> Message {
        self.row(&self.terms(), state)
    }

    /// What an order would do, as the answer to a question.
    pub(crate) fn would(&self, state: &Message) -> Vec<u8> {
        self.row(&self.terms().int(65, 1), state).frame(5)
    }

    fn terms(&self) -> Message {
        let order = Message::new().int(1, self.client_id).int(2, self.order_id);
        let order = order.int(3, self.perm_id).text(5, "BUY").text(6, &self.quantity.to_string());
        let order = order.text(8, "MKT").text(11, "DAY").text(12, &self.account);
        order.text(28, &self.order_ref)
    }

    fn row(&self, order: &Message, state: &Message) -> Message {
        let row = Message::new().int(1, self.order_id).part(2, &contract(&self.symbol));
        row.part(3, order).part(4, state)
    }

    pub(crate) fn status(&self, status: &str, filled: i64) -> Vec<u8> {
        let remaining = (self.quantity - filled).to_string();
        let message = Message::new().int(1, self.order_id).text(2, status);
        let message = message.text(3, &filled.to_string()).text(4, &remaining).double(5, 50.0);
        message.int(6, self.perm_id).int(9, self.client_id).frame(3)
    }

    pub(crate) fn executed(&self, execution_id: &str, quantity: i64) -> Vec<u8> {
        self.execution(-1, execution_id, quantity)
    }

    /// An execution as a list tells it.
    pub(crate) fn execution(&self, request: i64, execution_id: &str, quantity: i64) -> Vec<u8> {
        let execution = Message::new().int(1, self.order_id).text(2, execution_id);
        let execution = execution.text(3, "20251201 10:00:00 US/Eastern").text(4, &self.account);
        let execution = execution.text(5, "NASDAQ").text(6, "BOT").text(7, &quantity.to_string());
        let execution = execution.double(8, 50.0).int(9, self.perm_id).int(10, self.client_id);
        let execution = execution.text(14, &self.order_ref);
        let message = Message::new().int(1, request).part(2, &contract(&self.symbol));
        message.part(3, &execution).frame(11)
    }

    pub(crate) fn paid(&self, execution_id: &str, amount: f64) -> Vec<u8> {
        Message::new().text(1, execution_id).double(2, amount).text(3, "USD").frame(59)
    }

    /// All that is told of an order that fills at once.
    pub(crate) fn fills(&self) -> Vec<Vec<u8>> {
        let execution_id = format!("0000e0d5.{:08x}.01.01", self.order_id);
        vec![
            self.open("Submitted"),
            self.status("Submitted", 0),
            self.executed(&execution_id, self.quantity),
            self.open("Filled"),
            self.status("Filled", self.quantity),
            self.open("Filled"),
            self.status("Filled", self.quantity),
            self.paid(&execution_id, 1.0),
        ]
    }
}
