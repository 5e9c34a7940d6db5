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
    assert!(fails(&["--as-of", "2026-01-02"]).contains("required"));
    assert!(
        fails(&["--account", "U1234567"]).contains("an account of real money: write DU1234567")
    );
    assert!(fails(&["--fault", "dorp"]).contains("`drop`"));
    assert!(fails(&["--ticks", "/nowhere.csv"]).contains("cannot read the ticks /nowhere.csv"));
    assert!(fails(&["--speed", "0"]).contains("1..=86400"));
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
fn days_pass_on_an_invented_market_whose_clock_runs() {
    // A day of the exchange in half a second: what is left of an order of the day ends with it.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.toml");
    std::fs::write(&file, "[market]\nhours = true\n[ticks]\nseed = 7\nevery = \"1m\"\n").unwrap();
    let arguments = ["--synthetic", "1", "--simulated-time", "--speed", "43200"];
    let program =
        Program::start(&[&arguments[..], &["--scenario", file.to_str().unwrap()]].concat());
    let mut client = Client::connect(program.address, 1);
    client.send(id::PLACE_ORDER, placed(1, stock("QZKM"), limit("BUY", "1", 0.01)));
    let ended = client.until(|frame| frame.is_error(202));
    assert_eq!(ended[ended.len() - 2].words(), "orderStatus 1 Cancelled 0/1");
    let close = market("BUY", "1").text(8, "MOC");
    client.send(id::PLACE_ORDER, placed(2, stock("QZKM"), close));
    let filled = client.until(|frame| frame.id == 11);
    assert!(filled[filled.len() - 1].fields.inner(3).text_of(3).contains(" 16:00:00 "));
}

#[test]
fn recorded_ticks_and_faults_come_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ticks.csv");
    let ticks = "time,symbol,bid,ask,last,size\n2026-08-25T14:30:00Z,KO,59.98,60.02,60,100\n\
                 2026-08-25T14:31:00Z,KO,58.98,59.02,59,500\n";
    std::fs::write(&file, ticks).unwrap();
    let path = file.to_str().unwrap();
    let program =
        Program::start(&["--ticks", path, "--speed", "60", "--fault", "drop:commissionReport"]);
    let mut client = Client::connect(program.address, 1);
    client.send(id::PLACE_ORDER, placed(1, stock("KO"), market("BUY", "300")));
    let told = client.until(|frame| frame.words() == "orderStatus 1 Filled 300/0");
    let prices: Vec<f64> = told
        .iter()
        .filter(|frame| frame.id == 11)
        .map(|frame| frame.fields.inner(3).double_of(8))
        .collect();
    assert_eq!(prices, [60.02, 59.02]);
    assert!(client.rest().iter().all(|frame| frame.id != 59));
}

#[test]
fn the_log_is_for_people() {
    let mut program = Program::start(&["--log"]);
    let mut client = Client::connect(program.address, 1);
    client.place(1, "KO", market("BUY", "5").text(28, "r1"));
    client.place(2, "KO", limit("BUY", "5", 50.0));
    client.cancel(2);
    let request = || Fields::new().int(1, 7);
    let summary = request().text(2, "All").text(3, "NetLiquidation");
    for (message, fields) in [
        (id::EXECUTIONS, request()),
        (id::EXECUTIONS, request().message(2, Fields::new().int(1, 3).text(4, "KO").int(8, 2))),
        (id::POSITIONS, Fields::new()),
        (id::CANCEL_POSITIONS, Fields::new()),
        (id::ACCOUNT_SUMMARY, summary),
        (id::CANCEL_ACCOUNT_SUMMARY, request()),
        (id::ACCOUNT_UPDATES, Fields::new().int(1, 1).text(2, "DU0000001")),
        (id::ACCOUNT_MULTI, request().text(2, "DU0000001")),
        (id::CONTRACT_DETAILS, request().message(2, stock("KO"))),
        (id::MARKET_DATA_TYPE, Fields::new().int(1, 3)),
        (id::MARKET_DATA, request().message(2, stock("KO"))),
        (2, request()),
        (25, request()),
        (77, request()),
        (15, Fields::new().int(1, 1)),
        (id::CURRENT_TIME, Fields::new()),
        (105, Fields::new()),
        (id::MANAGED_ACCOUNTS, Fields::new()),
        (id::OPEN_ORDERS, Fields::new()),
        (id::ALL_OPEN_ORDERS, Fields::new()),
        (id::COMPLETED_ORDERS, Fields::new()),
        (id::GLOBAL_CANCEL, Fields::new()),
        (106, Fields::new()),
        (999, Fields::new()),
    ] {
        client.ask(message, fields);
    }
    drop(client);
    program.signal("-TERM");
    let log = program.standard_error();
    for line in [
        "> startApi as client 1",
        "client 1 < nextValidId 1",
        "client 1 > executions [7] of client 3 KO of 2 days",
        "client 1 < positionEnd",
        "client 1 > accountUpdates on DU0000001",
        "client 1 < tickPrice [7] 1 59.98 size 100",
        "client 1 > unknown message 999",
    ] {
        assert!(log.contains(line), "{line} is not in {log}");
    }
    // Its id begins anew with each life.
    let is_commission = |line: &str| {
        line.contains("client 1 < commissionReport ") && line.ends_with(".01.01 of order 1 1.00")
    };
    assert!(log.lines().any(is_commission), "{log}");
    for debug in ["{", "}", "Some(", "None", "Money(", "\\"] {
        let found = log.lines().find(|line| line.contains(debug));
        assert_eq!(found, None, "{debug}");
    }
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
    // A client that does not speak the recorded version is hung up on, and the log says why.
    let mut program = program;
    let (_, answer) = Client::offering(program.address, "v100..178");
    assert_eq!(answer, None);
    program.signal("-TERM");
    let log = program.standard_error();
    assert!(log.contains("the recording is of version 226, and it speaks v100..178"), "{log}");
    std::fs::write(&file, "handshake {\"server_version\":226}\nraw client ?\n").unwrap();
    assert!(fails(&["--replay", file.to_str().unwrap()]).contains("connection-1-1.txt, line 2: "));
}

#[test]
fn a_scenario_sets_habits_and_halts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.toml");
    let text = "[account]\ncash = \"500\"\n[habits]\nerror_first = true\n\
                [[halt]]\nsymbol = \"KO\"\nfrom = \"1ms\"\nuntil = \"3s\"\n";
    std::fs::write(&file, text).unwrap();
    let program = Program::start(&["--scenario", file.to_str().unwrap()]);
    let mut client = Client::connect(program.address, 1);
    let begin = std::time::Instant::now();
    client.send(id::PLACE_ORDER, placed(1, stock("KO"), market("BUY", "5")));
    assert!(
        client.place(2, "PEP", market("BUY", "500")).iter().any(|words| words.contains(" 201 "))
    );
    let rejected = client.place(3, "PEP", market("BUY", "500"));
    assert!(rejected[0].starts_with("error 3 201 "), "{rejected:?}");
    client.until(|frame| frame.id == 59);
    assert!(begin.elapsed().as_millis() > 1000, "{:?}", begin.elapsed());
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
