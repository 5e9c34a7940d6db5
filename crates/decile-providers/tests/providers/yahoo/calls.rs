//! What leaves passes the gate, and what was kept is not asked again.

use super::{CRUMB, at, chart, range, symbol};
use crate::gate::Turnstile;
use crate::support::{Server, reply};
use decile_core::source::{
    BarSource, Call, Keeper, KeptReply, QuoteSource, SourceError, StatsSource, Verdict,
};
use decile_providers::Transport;
use decile_providers::yahoo::Yahoo;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

#[derive(Debug, Default)]
struct Drawer(Mutex<BTreeMap<String, KeptReply>>);

impl Keeper for Drawer {
    fn kept(&self, call: &Call) -> Result<Option<KeptReply>, SourceError> {
        Ok(self.0.lock().expect("no panic").get(&call.request).cloned())
    }

    fn keep(&self, call: &Call, reply: &KeptReply) -> Result<(), SourceError> {
        self.0.lock().expect("no panic").insert(call.request.clone(), reply.clone());
        Ok(())
    }
}

/// Answers charts with a chart, quotes with an apology, and ratios with nothing to be found, after
/// one redirect.
fn server() -> Server {
    Server::start(|received, stream| match received.target.as_str() {
        "/" => reply(stream, 404, &[], b""),
        "/v1/test/getcrumb" => reply(stream, 200, &[], CRUMB.as_bytes()),
        "/moved" => reply(
            stream,
            404,
            &[],
            br#"{"quoteSummary":{"result":null,"error":{"code":"Not Found"}}}"#,
        ),
        target if target.starts_with("/v8") => {
            reply(stream, 200, &[], chart().to_string().as_bytes());
        }
        target if target.starts_with("/v7") => reply(stream, 500, &[], b"{}"),
        _ => reply(stream, 302, &["location: /moved".to_owned()], b""),
    })
}

#[tokio::test]
async fn every_request_passes_the_gate_and_what_it_refuses_is_not_sent() {
    let (server, gate) = (server(), Turnstile::new(4));
    let transport = Transport::builder().base_url(server.url()).gate(gate.clone()).build();
    let yahoo = Yahoo::new(transport.expect("a transport"));
    assert!(yahoo.stats(&symbol("KO")).await.is_err());
    let expected = ["Yahoo cookie of KO", "Yahoo crumb of KO"];
    assert_eq!(gate.passed()[..2], expected);
    assert_eq!(gate.passed()[2..], ["Yahoo quoteSummary of KO", "Yahoo quoteSummary of KO"]);
    assert_eq!(server.received().len(), 4);

    let error = yahoo.bars(&symbol("KO"), range("2024-01-02", "2024-01-03")).await;
    assert_eq!(error.expect_err("no turn is left").kind(), "budget_spent");
    assert_eq!(server.received().len(), 4);
}

#[tokio::test]
async fn a_redirect_that_the_gate_refuses_is_not_followed() {
    let (server, gate) = (server(), Turnstile::new(3));
    let transport = Transport::builder().base_url(server.url()).gate(gate.clone()).build();
    let error = Yahoo::new(transport.expect("a transport")).stats(&symbol("KO")).await;
    assert_eq!(error.expect_err("no turn is left").kind(), "budget_spent");
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn answers_are_kept_and_so_is_that_there_are_none_but_no_trouble() {
    let (server, drawer) = (server(), Arc::new(Drawer::default()));
    let transport = Transport::builder().base_url(server.url()).keeper(drawer.clone()).build();
    let transport = transport.expect("a transport");
    let (ko, span) = (symbol("KO"), range("2024-01-02", "2024-01-03"));
    for _ in 0..2 {
        // Each a client of its own: what is kept needs neither cookie nor crumb.
        let yahoo = Yahoo::new(transport.clone());
        assert_eq!(yahoo.bars(&ko, span).await.expect("bars").rows.len(), 2);
        assert_eq!(yahoo.stats(&ko).await.expect_err("none").kind(), "not_found");
    }
    assert_eq!(server.received().len(), 1 + 4);
    for n in 1..=2 {
        let yahoo = Yahoo::new(transport.clone());
        assert_eq!(
            yahoo.quotes(std::slice::from_ref(&ko)).await.expect_err("trouble").kind(),
            "network"
        );
        assert_eq!(server.received().len(), 5 + 3 * n);
    }
    let kept = drawer.0.lock().expect("no panic");
    let verdicts: Vec<_> = kept.values().map(|reply| (reply.verdict, reply.status)).collect();
    assert_eq!(verdicts, [(Verdict::Nothing, 404), (Verdict::Answer, 200)]);
    assert!(!format!("{:?}", kept.keys()).contains("cr.UMB"));
}

/// Yahoo rewrites its past: all prices halve with a split.
#[tokio::test]
async fn a_longer_span_is_fetched_whole_and_never_joined_to_what_was_kept() {
    let split = Server::start(|received, stream| {
        let mut body = chart();
        if !received.target.contains(&format!("period2={}", at("2024-01-05T00:00:00Z"))) {
            let one = &mut body["chart"]["result"][0];
            one["timestamp"] = [2, 3, 4].map(|day| at(&format!("2024-01-0{day}T14:30:00Z"))).into();
            for name in ["open", "high", "low", "close"] {
                one["indicators"]["quote"][0][name] = [29.5, 30.0, 30.5].into();
            }
            one["indicators"]["quote"][0]["volume"] = [1, 2, 3].into();
            one["indicators"]["adjclose"][0]["adjclose"] = [29.5, 30.0, 30.5].into();
        }
        reply(stream, 200, &[], body.to_string().as_bytes());
    });
    let drawer = Arc::new(Drawer::default());
    let transport = Transport::builder().base_url(split.url()).keeper(drawer).build();
    let yahoo = Yahoo::new(transport.expect("a transport"));
    let closes = async |to: &str| {
        let bars = yahoo.bars(&symbol("KO"), range("2024-01-02", to)).await.expect("bars");
        bars.rows.iter().map(|bar| bar.close).collect::<Vec<_>>()
    };
    for _ in 0..2 {
        assert_eq!(closes("2024-01-03").await, [59.82, 60.06]);
        assert_eq!(closes("2024-01-04").await, [29.5, 30.0, 30.5]);
    }
    assert_eq!(split.received().len(), 2);
}
