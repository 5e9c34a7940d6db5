//! The program: how it starts, how it ends, and what survives its death.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use support::fields::Fields;
use support::{Client, Frame, encoded, id, limit, market, placed, stock};

struct Program {
    child: Child,
    address: SocketAddr,
}

impl Program {
    /// Starts it on a free port and waits for the line that tells it.
    fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("decile-gateway listening on ");
        let address = address.unwrap_or_else(|| panic!("{line:?}")).parse().unwrap();
        Self { child, address }
    }

    fn with_state(path: &Path) -> Self {
        Self::start(&["--state", path.to_str().unwrap()])
    }

    fn signal(&mut self, name: &str) -> ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
        self.child.wait().unwrap()
    }

    fn standard_error(&mut self) -> String {
        let mut text = String::new();
        self.child.stderr.as_mut().unwrap().read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_decile-gateway"));
    command.args(["--port", "0"]).args(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn fails(arguments: &[&str]) -> String {
    let output = command(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn it_ends_orderly_on_both_signals() {
    for signal in ["-TERM", "-INT"] {
        let mut program = Program::start(&[]);
        let mut client = Client::connect(program.address, 1);
        assert_eq!(client.next_id(), 1);
        assert_eq!(program.signal(signal).code(), Some(0));
        assert!(program.standard_error().contains("INVENTED"));
    }
}

#[test]
fn bad_input_is_said_and_nothing_starts() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output =
        Command::new(env!("CARGO_BIN_EXE_decile-gateway")).args(["--port", &port]).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains(&format!("error: cannot listen on 127.0.0.1:{port}")), "{text}");

    assert!(fails(&["--account", "DU 1"]).contains("is not an account"));
    assert!(fails(&["--server-version-max", "227"]).contains("213 to 226"));
    assert!(fails(&["--market", "/nowhere/at/all"]).contains("/nowhere/at/all"));
    assert!(fails(&["--synthetic", "1", "--as-of", "2001-01-01"]).contains("is not a session"));
    assert!(fails(&["--prices", "AAPL"]).contains("SYMBOL=PRICE"));
    assert!(fails(&["--simulated-time"]).contains("required"));
    assert!(fails(&["--synthetic", "1", "--prices", "AAPL=1"]).contains("cannot be used with"));
}

#[test]
fn it_trades_fixed_prices_and_logs_what_is_said() {
    let mut program =
        Program::start(&["--prices", "AAPL=185,BRK.B=500", "--cash", "1000", "--log"]);
    let mut client = Client::connect(program.address, 1);
    assert_eq!(client.place(1, "AAPL", market("BUY", "5").text(28, "r1")).len(), 8);
    assert!(client.place(2, "BRK B", market("BUY", "1"))[2].contains("201 Order rejected"));
    drop(client);
    program.signal("-TERM");
    let log = program.standard_error();
    for line in [
        "client 1 > placeOrder 1 BUY 5 MKT DAY AAPL/STK@SMART USD ref \"r1\"",
        "client 1 < execDetails [-1] 1 BOT 5 AAPL at 185.04 ",
        ".6a000001.01.01\n",
        "client 1 < orderStatus 1 Filled filled 5 remaining 0",
    ] {
        assert!(log.contains(line), "{log}");
    }
}

#[test]
fn an_invented_market_stands_still_at_ten() {
    let program = Program::start(&["--synthetic", "1", "--simulated-time"]);
    let mut client = Client::connect(program.address, 1);
    let seconds = client.ask(id::CURRENT_TIME, Fields::new())[0].fields.number(1);
    let time = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
    let local = time.with_timezone(&chrono_tz::America::New_York);
    assert_eq!(local.format("%H:%M:%S").to_string(), "10:00:00");
    assert_eq!(client.place(1, "QZKM", market("BUY", "1")).len(), 8);
}

#[test]
fn what_a_client_was_told_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.jsonl");
    let mut program = Program::with_state(&path);
    let mut client = Client::connect(program.address, 1);
    // A client that sends without waiting, and a kill in the middle of it.
    let orders = (1..=2000).flat_map(|order_id| {
        let order = if order_id % 5 == 0 { limit("BUY", "1", 50.0) } else { market("BUY", "1") };
        let order = order.text(28, &format!("r{order_id}"));
        encoded(id::PLACE_ORDER, &placed(order_id, stock("KO"), order))
    });
    client.write(&orders.collect::<Vec<u8>>());
    let mut told: Vec<Frame> =
        client.until(|frame| frame.id == 59 && frame.fields.text_of(1)[9..] > *"6a000080");
    program.child.kill().unwrap();
    program.child.wait().unwrap();
    while let Some(frame) = client.next() {
        told.push(frame);
    }

    let program = Program::with_state(&path);
    let mut client = Client::connect(program.address, 1);
    let open = client.ask(id::ALL_OPEN_ORDERS, Fields::new());
    let executions = client.ask(id::EXECUTIONS, Fields::new().int(1, 1));
    let of = |frames: &[Frame], id: i32, name: fn(&Frame) -> String| {
        let found = frames.iter().filter(|frame| frame.id == id).map(name);
        found.collect::<std::collections::BTreeSet<String>>()
    };
    let execution = |frame: &Frame| frame.fields.inner(3).text_of(2);
    let (told_of, there) = (of(&told, 11, execution), of(&executions, 11, execution));
    assert!(told_of.len() >= 127, "{}", told_of.len());
    assert!(told_of.is_subset(&there), "{:?}", told_of.difference(&there));
    let resting = |frame: &Frame| {
        let is_limit = frame.fields.inner(3).text_of(8) == "LMT";
        if is_limit { frame.fields.inner(3).text_of(28) } else { String::new() }
    };
    let mut told_of = of(&told, 5, resting);
    told_of.remove("");
    assert!(!told_of.is_empty());
    assert!(told_of.is_subset(&of(&open, 5, resting)));
    // What is there adds up: each share cost 60.02, and 0.60 to buy.
    let count = there.len();
    assert_eq!(client.positions()[0], format!("position KO {count}"));
    let cents = 100_000_000 - 6_062 * count as i64;
    assert_eq!(client.summary("TotalCashValue").get(), decile_core::Decimal::new(cents, 2));
    // Nothing was dealt twice, and the ids go on above all that was used.
    let used = there.len() + of(&open, 5, resting).len();
    assert!(client.next_id() > used as i64);
}

#[test]
fn a_recording_is_played_to_whoever_asks_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(&["--record", folder.path().to_str().unwrap()]);
    let mut client = Client::connect(program.address, 1);
    let told = client.place(1, "KO", market("BUY", "10").text(28, "r1"));
    drop(client);
    program.signal("-TERM");
    let file = folder.path().join("connection-1-1.txt");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("handshake {\"server_version\":226}\nraw client "), "{text}");

    let program = Program::start(&["--replay", file.to_str().unwrap()]);
    for _ in 0..2 {
        let mut client = Client::connect(program.address, 1);
        // What is not recorded is passed over; what was asked otherwise has the recorded answer.
        client.send(id::POSITIONS, Fields::new());
        assert_eq!(client.place(1, "PEP", market("SELL", "3")), told);
    }
    std::fs::write(&file, "handshake {\"server_version\":226}\nraw client ?\n").unwrap();
    assert!(fails(&["--replay", file.to_str().unwrap()]).contains("connection-1-1.txt, line 2: "));
}

#[test]
fn a_scenario_is_read_or_told_to_be_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.toml");
    let path = file.to_str().unwrap();
    let text = "[account]\ncash = \"500\"\n[[fault]]\ndo = \"drop\"\nmessage = \"orderStatus\"\n";
    std::fs::write(&file, text).unwrap();
    let program = Program::start(&["--scenario", path]);
    let mut client = Client::connect(program.address, 1);
    assert_eq!(client.place(1, "KO", market("BUY", "5")).len(), 5);
    assert!(client.place(2, "KO", market("BUY", "5"))[0].ends_with("Inactive"));
    std::fs::write(&file, "[market]\nhours = 1\n").unwrap();
    assert!(fails(&["--scenario", path]).contains("s.toml, line 2, market.hours: "));
    assert!(fails(&["--scenario", "/nowhere.toml"]).contains("cannot read the scenario"));
}
