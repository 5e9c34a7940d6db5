//! Stands between `top10` and a gateway, and makes the wire fail at one order.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// 200 and the number of placeOrder: how a protobuf frame begins.
const PLACE_ORDER: [u8; 4] = 203_u32.to_be_bytes();
const PATIENCE: Duration = Duration::from_secs(60);

/// What happens to the order of that number, from 1, and to all that follows on its connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trouble {
    /// It does not arrive.
    Swallow(usize),
    /// It arrives, and no answer comes back.
    Deafen(usize),
    /// Nothing happens.
    None,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    struck: Receiver<()>,
    gateway: Arc<AtomicU16>,
}

impl Proxy {
    /// Passes connections on to a gateway, one after the other; the first has the trouble.
    pub(crate) fn start(gateway: u16, trouble: Trouble) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (strike, struck) = channel();
        let gateway = Arc::new(AtomicU16::new(gateway));
        let to = Arc::clone(&gateway);
        thread::spawn(move || {
            let mut trouble = trouble;
            for client in listener.incoming().map_while(Result::ok) {
                // Where there is no gateway for the moment, whoever connects is hung up on.
                let to = TcpStream::connect(("127.0.0.1", to.load(Ordering::SeqCst)));
                if let Ok(server) = to {
                    pass(&client, &server, trouble, &strike);
                    trouble = Trouble::None;
                }
            }
        });
        Self { port, struck, gateway }
    }

    /// Passes the connections from here on to another gateway.
    pub(crate) fn lead_to(&self, gateway: u16) {
        self.gateway.store(gateway, Ordering::SeqCst);
    }

    /// Waits until the trouble has happened: until the order is lost, or its answer is.
    pub(crate) fn wait(&self) {
        self.struck.recv_timeout(PATIENCE).expect("the order comes");
    }
}

/// Passes on what both ends say, until one of them hangs up, which the other sees.
fn pass(client: &TcpStream, server: &TcpStream, trouble: Trouble, strike: &Sender<()>) {
    let is_deaf = Arc::new(AtomicBool::new(false));
    let answers = (copy(server), copy(client), is_deaf.clone(), strike.clone());
    thread::spawn(move || answer(answers.0, answers.1, &answers.2, &answers.3));
    let _ = ask(copy(client), copy(server), trouble, &is_deaf, strike);
    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
}

fn copy(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("a second handle")
}

/// Passes on what `top10` says, frame by frame.
fn ask(
    mut from: TcpStream,
    mut to: TcpStream,
    trouble: Trouble,
    is_deaf: &AtomicBool,
    strike: &Sender<()>,
) -> io::Result<()> {
    let mut hello = [0; 4];
    from.read_exact(&mut hello)?;
    to.write_all(&hello)?;
    let (mut orders, mut is_lost) = (0, false);
    loop {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let mut body = vec![0; u32::from_be_bytes(length) as usize];
        from.read_exact(&mut body)?;
        if body.starts_with(&PLACE_ORDER) {
            orders += 1;
            match trouble {
                Trouble::Swallow(number) if number == orders => {
                    is_lost = true;
                    let _ = strike.send(());
                }
                Trouble::Deafen(number) if number == orders => {
                    is_deaf.store(true, Ordering::SeqCst);
                }
                Trouble::Swallow(_) | Trouble::Deafen(_) | Trouble::None => {}
            }
        }
        if !is_lost {
            to.write_all(&[&length[..], &body].concat())?;
        }
    }
}

/// Passes on what the gateway says, until nothing more is heard.
fn answer(mut from: TcpStream, mut to: TcpStream, is_deaf: &AtomicBool, strike: &Sender<()>) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if is_deaf.load(Ordering::SeqCst) {
            let _ = strike.send(());
        } else if to.write_all(&bytes[..count]).is_err() {
            return;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
