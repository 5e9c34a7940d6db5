//! Stands between client and gateway, and counts what they say.

use super::point::{Moment, Point, Speaker};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// How many bytes a client says before its first message.
const HELLO: usize = 4;

/// One connection.
#[derive(Debug)]
pub(super) struct Proxy {
    pub(super) port: u16,
    pub(super) counts: Arc<Counts>,
    release: Sender<()>,
}

/// How many messages have passed.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) asked: AtomicUsize,
    pub(super) answered: AtomicUsize,
}

impl Proxy {
    /// Passes one connection on. At `point` it tells `reached`, and waits until it is released.
    pub(super) fn start(
        gateway: u16,
        point: Option<Point>,
        reached: Sender<()>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let counts = Arc::<Counts>::default();
        let (release, released) = channel();
        let passing = counts.clone();
        thread::spawn(move || {
            let passed = pass(&listener, gateway, &passing, (point, reached, released));
            // A connection that breaks is what this is for.
            let _: io::Result<()> = passed;
        });
        Ok(Self { port, counts, release })
    }

    /// Lets what waits at the point go on.
    pub(super) fn release(&self) {
        let _ = self.release.send(());
    }
}

type Trip = (Option<Point>, Sender<()>, Receiver<()>);

fn pass(
    listener: &TcpListener,
    gateway: u16,
    counts: &Arc<Counts>,
    (point, reached, released): Trip,
) -> io::Result<()> {
    let (client, _) = listener.accept()?;
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
    (&client).read_exact(&mut hello)?;
    (&server).write_all(&hello)?;
    let relayed = relay(&client, &server, &counts.asked, &ask);
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
