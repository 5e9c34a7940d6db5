//! Keys, crumbs and cookies are shown nowhere.

use crate::support::{Server, reply};
use decile_providers::{Request, Secret, Transport};
use std::sync::Mutex;

const KEY: &str = "K3YK3YK3YK3YK3Y1";
const COOKIE: &str = "A3=C00K1EC00K1E";

fn request() -> Request {
    Request::get("https://example.com/query?symbol=KO".parse().expect("a URL"))
        .secret_query("apikey", Secret::new(KEY))
        .secret_header("cookie", Secret::new(COOKIE))
}

/// Everything an error says, its causes included.
pub(crate) fn all_of(error: &dyn std::error::Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(" {inner} {inner:?}"));
        cause = inner.source();
    }
    text
}

fn assert_clean(text: &str) {
    assert!(!text.contains(KEY) && !text.contains("C00K1E"), "{text}");
}

#[tokio::test]
async fn they_go_over_the_wire_and_stay_out_of_reply_and_recording() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(|received, stream| {
        // Alpha Vantage quotes the key in its errors.
        let body = format!("We have detected your API key as {KEY}; {}", received.target);
        reply(stream, 200, &[format!("set-cookie: {COOKIE}; Path=/; Secure")], body.as_bytes());
    });
    let transport = Transport::builder().base_url(server.url()).record(folder.path()).build();
    let transport = transport.expect("a transport");
    let request = request();
    let answer = transport.send(&request).await.expect("a reply");

    let received = &server.received()[0];
    assert_eq!(received.target, format!("/query?symbol=KO&apikey={KEY}"));
    assert!(received.head.contains(&format!("cookie: {}", COOKIE.to_lowercase())));
    assert_eq!(answer.cookies()[0].reveal(), COOKIE);

    assert!(answer.text().contains("API key as REDACTED"), "{}", answer.text());
    assert_clean(&format!("{request} {request:?} {answer:?} {} {transport:?}", answer.text()));
    assert_clean(answer.url().as_str());
    for file in std::fs::read_dir(folder.path()).expect("a folder") {
        let path = file.expect("a file").path();
        assert_clean(&path.display().to_string());
        assert_clean(&std::fs::read_to_string(&path).expect("a text"));
    }
}

#[tokio::test]
async fn another_host_does_not_get_them() {
    let server = Server::start(|received, stream| match received.target.as_str() {
        "/elsewhere" => reply(stream, 200, &[], b"hello"),
        _ => reply(stream, 302, &["location: https://other.example/elsewhere".to_owned()], b""),
    });
    let transport = Transport::builder().base_url(server.url()).build().expect("a transport");
    transport.send(&request()).await.expect("a reply");
    let received = &server.received()[1];
    assert_eq!(received.target, "/elsewhere");
    assert!(!received.head.iter().any(|line| line.starts_with("cookie")), "{received:?}");
}

#[tokio::test]
async fn no_error_shows_them() {
    let cut = Server::start(|_, stream| {
        let _ = std::io::Write::write_all(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx");
    });
    let garbage = Server::start(|_, stream| {
        let _ = std::io::Write::write_all(stream, b"this is not HTTP\r\n\r\n");
    });
    let looping = Server::start(|received, stream| {
        reply(stream, 302, &[format!("location: {}", received.target)], b"");
    });
    let nobody = {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    for url in [cut.url(), garbage.url(), looping.url(), &nobody] {
        let transport = Transport::builder().base_url(url).build().expect("a transport");
        let error = transport.send(&request()).await.expect_err("it fails");
        assert_clean(&all_of(&error));
        let error = error.into_source("example", "KO");
        assert_clean(&all_of(&error));
        assert_eq!(error.kind(), "network", "{error:?}");
    }
}

/// Takes down whatever is logged by anybody, at every level.
struct Scribe(Mutex<String>);

static SCRIBE: Scribe = Scribe(Mutex::new(String::new()));

impl log::Log for Scribe {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}\n", record.target(), record.args());
        self.0.lock().expect("no panic").push_str(&line);
    }

    fn flush(&self) {}
}

#[tokio::test]
async fn no_log_shows_them() {
    log::set_logger(&SCRIBE).expect("the only logger");
    log::set_max_level(log::LevelFilter::Trace);
    let server = Server::start(|_, stream| reply(stream, 200, &[], b"hello"));
    let transport = Transport::builder().base_url(server.url()).build().expect("a transport");
    transport.send(&request()).await.expect("a reply");
    let written = SCRIBE.0.lock().expect("no panic").clone();
    assert!(written.contains("127.0.0.1"), "the connection is logged: {written}");
    assert_clean(&written);
}
