//! A local HTTP server with one answer for each address.

use super::vendor::Vendor;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Serves on 127.0.0.1 until the test is over.
pub(super) struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) fn start(vendor: Vendor) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (vendor, log) = (Arc::new(vendor), asked.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (vendor, log) = (vendor.clone(), log.clone());
                thread::spawn(move || answer(stream, &vendor, &log));
            }
        });
        Self { url, asked }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The addresses asked so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no thread panicked").clone()
    }
}

fn answer(mut stream: TcpStream, vendor: &Vendor, log: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream.try_clone().expect("a second handle")).lines();
    let first = lines.next().and_then(Result::ok).unwrap_or_default();
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
    log.lock().expect("no thread panicked").push(target.clone());
    let (status, body) = vendor.answer(&target);
    let head = format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    // Whoever has stopped listening does not want the rest.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
}
