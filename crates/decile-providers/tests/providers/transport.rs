//! Bounds and faults: what a server can do to a client.

use crate::support::{Server, reply};
use chrono::TimeDelta;
use decile_core::{Clock, ManualClock};
use decile_providers::{Error, Reply, Request, Transport, TransportBuilder};
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn transport(server: &Server) -> Transport {
    let timeout = Duration::from_millis(500);
    Transport::builder().base_url(server.url()).timeout(timeout).build().expect("a transport")
}

fn request(url: &str) -> Request {
    Request::get(url.parse().expect("a URL"))
}

async fn send(server: &Server) -> Result<Reply, Error> {
    transport(server).send(&request("https://example.com/a/b%20c?d=e%2Cf&g")).await
}

#[tokio::test]
async fn path_and_query_reach_another_host_unchanged() {
    let server = Server::start(|_, stream| reply(stream, 200, &[], b"hello"));
    let answer = send(&server).await.expect("a reply");
    assert_eq!((answer.status(), answer.body()), (200, &b"hello"[..]));
    assert_eq!(answer.url().as_str(), "https://example.com/a/b%20c?d=e%2Cf&g");
    assert_eq!(server.received()[0].target, "/a/b%20c?d=e%2Cf&g");
}

#[tokio::test]
async fn a_status_is_a_reply_and_nothing_is_sent_twice() {
    for status in [404, 429, 500] {
        let server = Server::start(move |_, stream| {
            reply(stream, status, &["retry-after: 7".to_owned()], b"sorry");
        });
        let answer = send(&server).await.expect("a reply");
        assert_eq!((answer.status(), answer.text().as_ref()), (status, "sorry"));
        assert_eq!(answer.retry_after(), Some(Duration::from_secs(7)));
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn a_body_that_drips_is_given_up_in_time() {
    let server = Server::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
        // Each byte comes soon enough, the whole never does.
        while stream.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let started = Instant::now();
    let error = send(&server).await.expect_err("it is late");
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert!(error.is_retryable());
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[tokio::test]
async fn silence_is_given_up_in_time() {
    let server = Server::start(|_, _| std::thread::sleep(Duration::from_secs(5)));
    let started = Instant::now();
    let error = send(&server).await.expect_err("it is late");
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[tokio::test]
async fn half_a_body_is_no_reply() {
    let server = Server::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello");
    });
    let error = send(&server).await.expect_err("half is missing");
    assert!(matches!(error, Error::Connection { .. }) && error.is_retryable(), "{error}");
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_reset_is_no_reply() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let serving = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        // Closed with the request unread: the system resets the connection.
        stream.peek(&mut [0]).expect("a request");
    });
    let transport = Transport::builder().base_url(url).build().expect("a transport");
    let error = transport.send(&request("https://example.com/")).await.expect_err("a reset");
    assert!(matches!(error, Error::Connection { .. }) && error.is_retryable(), "{error}");
    serving.join().expect("no panic");
}

#[tokio::test]
async fn redirects_are_followed_but_not_for_ever() {
    let server = Server::start(|received, stream| {
        let n: usize = received.target.trim_start_matches('/').parse().unwrap_or(0);
        match n {
            3 => reply(stream, 200, &[], b"there"),
            _ => reply(stream, 302, &[format!("location: https://other.example/{}", n + 1)], b""),
        }
    });
    let answer = transport(&server).send(&request("https://example.com/0")).await.expect("a reply");
    assert_eq!((answer.text().as_ref(), answer.url().path()), ("there", "/3"));
    let error = transport(&server).send(&request("https://example.com/4")).await;
    let error = error.expect_err("there is no end");
    assert!(matches!(error, Error::TooManyRedirects { redirects_max: 5, .. }), "{error}");
    assert!(!error.is_retryable());
    assert_eq!(server.received().len(), 4 + 6);
}

#[tokio::test]
async fn a_redirect_to_where_a_person_must_consent_is_not_followed() {
    let server = Server::start(|_, stream| {
        reply(stream, 307, &["location: https://guce.example/consent?session=1".to_owned()], b"");
    });
    let request = request("https://example.com/").stop_at(&["guce.example"]);
    let error = transport(&server).send(&request).await.expect_err("it is refused");
    assert!(matches!(&error, Error::RedirectRefused { host, .. } if host == "guce.example"));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_body_beyond_the_bound_is_not_taken_in() {
    let server = Server::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        // 100 MB, if anybody listens so long.
        for _ in 0..100 {
            if stream.write_all(&vec![b'x'; 1_000_000]).is_err() {
                return;
            }
        }
    });
    let transport = Transport::builder().base_url(server.url()).build().expect("a transport");
    let error = transport.send(&request("https://example.com/")).await.expect_err("too much");
    assert!(matches!(error, Error::BodyTooLarge { body_size_max: 20_000_000, .. }), "{error}");
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn what_was_recorded_is_replayed_without_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tape");
    let mut answers = Vec::new();
    {
        let server = Server::start(|received, stream| match received.target.as_str() {
            "/missing" => reply(stream, 404, &["retry-after: 9".to_owned()], b"not here"),
            _ => reply(stream, 200, &["content-type: text/csv".to_owned()], b"\xff\n\nraw\r\n"),
        });
        let recorder = Transport::builder().base_url(server.url()).record(&path).build();
        let recorder = recorder.expect("a transport");
        for url in ["https://example.com/missing", "https://example.com/x?y=1"] {
            answers.push(recorder.send(&request(url)).await.expect("a reply"));
        }
    }
    let replay = Transport::builder().replay(&path).build().expect("a transport");
    for answer in &answers {
        let again = replay.send(&Request::get(answer.url().clone())).await.expect("a reply");
        assert_eq!(&again, answer);
    }
    assert!(replay.recorded_at() <= answers.iter().map(Reply::retrieved_at).min());
    let error = replay.send(&request("https://example.com/x?y=2")).await.expect_err("not recorded");
    let Error::NotRecorded { request, folder } = &error else { panic!("{error}") };
    assert_eq!((request.as_str(), folder), ("GET https://example.com/x?y=2", &path));
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_recording_that_goes_on_past_midnight_is_replayed_on_the_day_that_it_began() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(|_, stream| reply(stream, 200, &[], b"hello"));
    // 23:59:50 in New York.
    let began = "2025-12-02T04:59:50.25Z".parse().expect("an instant");
    let clock = Arc::new(ManualClock::new(began));
    let build = |builder: TransportBuilder| builder.build().expect("a transport");
    let recorder = || {
        let builder = Transport::builder().base_url(server.url()).clock(clock.clone());
        builder.record(folder.path())
    };
    let first = build(recorder());
    assert_eq!(first.now(), began);
    first.send(&request("https://example.com/a")).await.expect("a reply");
    clock.advance(TimeDelta::seconds(20));
    // A second one of the same run, which is told when that began.
    let second = build(recorder().at(first.now()));
    let late = second.send(&request("https://example.com/b")).await.expect("a reply");
    assert_eq!(late.retrieved_at(), clock.now());
    assert_eq!([first.now(), second.now()], [began; 2]);

    let replay = || build(Transport::builder().replay(folder.path()));
    assert_eq!((replay().recorded_at(), replay().now()), (Some(began), began));
    // The recording of an earlier version does not say.
    let time = folder.path().join("recorded-at");
    std::fs::remove_file(&time).expect("it was written");
    assert_eq!(replay().recorded_at(), Some(late.retrieved_at()));
    std::fs::write(&time, "yesterday\n").expect("written");
    let error = Transport::builder().replay(folder.path()).build().expect_err("no time");
    assert!(matches!(error, Error::InvalidRecording { path, .. } if path == time));
}

#[test]
fn what_cannot_be_set_up_says_so() {
    for url in ["", "localhost:1", "ftp://a.b", "http://a.b/c", "http://a.b?c"] {
        let error = Transport::builder().base_url(url).build().expect_err(url);
        assert!(matches!(&error, Error::InvalidBaseUrl { url: found } if found == url), "{error}");
    }
    let error = Transport::builder().record("a").replay("b").build().expect_err("both");
    assert!(matches!(error, Error::RecordAndReplay));
    let error = Transport::builder().replay("no/such/folder").build().expect_err("no folder");
    assert!(matches!(error, Error::Recording { .. }));
}
