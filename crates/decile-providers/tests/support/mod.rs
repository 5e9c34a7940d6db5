//! A local HTTP server: what it answers is up to the test, byte by byte.

#[cfg(feature = "alphavantage")]
pub(crate) mod alphavantage;
pub(crate) mod damage;
#[cfg(feature = "yahoo")]
pub(crate) mod yahoo;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// Path and query, as on the wire.
    pub(crate) target: String,
    /// Every line of the head, in lower case but for the first.
    pub(crate) head: Vec<String>,
}

/// Serves on 127.0.0.1 until the test is over, one thread a connection.
#[derive(Debug)]
pub(crate) struct Server {
    url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    pub(crate) fn start(
        handle: impl Fn(&Received, &mut TcpStream) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let received = Arc::new(Mutex::new(Vec::new()));
        let (handle, log) = (Arc::new(handle), Arc::clone(&received));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handle, log) = (Arc::clone(&handle), Arc::clone(&log));
                thread::spawn(move || serve(stream, &*handle, &log));
            }
        });
        Self { url, received }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The requests so far, in the order of their arrival.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no thread panicked").clone()
    }
}

fn serve(
    mut stream: TcpStream,
    handle: &dyn Fn(&Received, &mut TcpStream),
    log: &Mutex<Vec<Received>>,
) {
    let mut lines = BufReader::new(stream.try_clone().expect("a second handle")).lines();
    let first = lines.next().and_then(Result::ok).unwrap_or_default();
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let rest = lines.map_while(Result::ok).take_while(|line| !line.is_empty());
    let head = [first].into_iter().chain(rest.map(|line| line.to_lowercase())).collect();
    let received = Received { target, head };
    log.lock().expect("no thread panicked").push(received.clone());
    handle(&received, &mut stream);
}

/// Writes a whole reply; `headers` are lines without line ends.
pub(crate) fn reply(stream: &mut TcpStream, status: u16, headers: &[String], body: &[u8]) {
    let mut head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n");
    headers.iter().for_each(|line| head.push_str(&format!("{line}\r\n")));
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    // At once: two small writes would wait for each other. Whoever has stopped listening does not
    // want the rest.
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
}
