//! Stands between client and gateway, and counts what they say.

use super::point::{Moment, Point, Speaker};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// How many bytes a client says before its first message.
const HELLO: usize = 4;

/// Connections, one after the other.
#[derive(Debug)]
pub(super) struct Proxy {
    pub(super) port: u16,
    pub(super) counts: Arc<Counts>,
    gateway: Arc<AtomicU16>,
    is_over: Arc<AtomicBool>,
    release: Sender<()>,
}

/// How many messages have passed.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) asked: AtomicUsize,
    pub(super) answered: AtomicUsize,
}

impl Proxy {
    /// Passes connections on. At the `point` of the first it tells `reached`, and waits until it is
    /// released.
    pub(super) fn start(
        gateway: u16,
        point: Option<Point>,
        reached: Sender<()>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let counts = Arc::<Counts>::default();
        let (release, released) = channel();
        let gateway = Arc::new(AtomicU16::new(gateway));
        let is_over = Arc::<AtomicBool>::default();
        let (passing, to, ends) = (counts.clone(), gateway.clone(), is_over.clone());
        thread::spawn(move || {
            let mut trip = (point, reached, released);
            for client in listener.incoming().map_while(Result::ok) {
                if ends.load(Ordering::SeqCst) {
                    break;
                }
                let gateway = to.load(Ordering::SeqCst);
                // A connection that breaks is what this is for.
                let _: io::Result<()> = pass(&client, gateway, &passing, trip);
                let (no_one, nothing) = channel();
                trip = (None, no_one, nothing);
            }
        });
        Ok(Self { port, counts, gateway, is_over, release })
    }

    /// Passes the connections from here on to another gateway.
    pub(super) fn lead_to(&self, gateway: u16) {
        self.gateway.store(gateway, Ordering::SeqCst);
    }

    /// Lets what waits at the point go on.
    pub(super) fn release(&self) {
        let _ = self.release.send(());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // It waits for whoever comes next.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

type Trip = (Option<Point>, Sender<()>, Receiver<()>);

fn pass(
    client: &TcpStream,
    gateway: u16,
    counts: &Arc<Counts>,
    (point, reached, released): Trip,
) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", gateway))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let is_of = |speaker| matches!(point, Some(Point::Wire { speaker: of, .. }) if of == speaker);
    // Only one side has the point, so only one side needs the means to wait.
    let (no_one, nothing) = channel();
    let (ask, answer) = match is_of(Speaker::Client) {
        true => ((point, reached, released), (None, no_one, nothing)),
        false => (
            (None, no_one, nothing),
            (point.filter(|_| is_of(Speaker::Gateway)), reached, released),
        ),
    };
    let (from, to, passed) = (server.try_clone()?, client.try_clone()?, counts.clone());
    thread::spawn(move || {
        let _: io::Result<()> = relay(&from, &to, &passed.answered, &answer);
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
    let mut hello = [0; HELLO];
    let mut from = client;
    from.read_exact(&mut hello)?;
    (&server).write_all(&hello)?;
    let relayed = relay(client, &server, &counts.asked, &ask);
    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
    relayed
}

/// Passes messages on, one by one.
fn relay(
    mut from: &TcpStream,
    mut to: &TcpStream,
    count: &AtomicUsize,
    (point, reached, released): &Trip,
) -> io::Result<()> {
    loop {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let mut message = length.to_vec();
        message.resize(length.len() + u32::from_be_bytes(length) as usize, 0);
        from.read_exact(&mut message[length.len()..])?;
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        let stop = |at: Moment| {
            let here = matches!(point, Some(Point::Wire { message, moment, .. })
                if (*message, *moment) == (number, at));
            if here && reached.send(()).is_ok() {
                let _ = released.recv();
            }
        };
        stop(Moment::Before);
        to.write_all(&message)?;
        stop(Moment::After);
    }
}
