//! Who may connect, what it hears first, and what it cannot do to others.

mod support;

use decile_gateway::{Error, Gateway};
use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};
use support::fields::Fields;
use support::{Client, clock, config, encoded, gateway, id, limit, market, placed, stock};

#[test]
fn the_highest_common_version_is_spoken() {
    let gateway = Gateway::start(config(&clock()).server_version_max(222)).unwrap();
    for (offer, version) in
        [("v100..226", "222"), ("v213..213", "213"), ("v213..220 +PACEAPI", "220")]
    {
        let (_client, answer) = Client::offering(gateway.address(), offer);
        assert_eq!(answer, Some(format!("{version}\0{}\0", "20260825 10:30:00 US/Eastern")));
    }
    for (offer, version) in [("v100..178", "178"), ("v157..176", "176"), ("v100..193", "178")] {
        let answer = Client::offering(gateway.address(), offer).1.unwrap();
        assert!(answer.starts_with(&format!("{version}\0")), "{answer}");
    }
    for offer in ["v100..156", "v223..226", "v179..200", "hello"] {
        assert_eq!(Client::offering(gateway.address(), offer).1, None, "{offer}");
    }
}

#[test]
fn a_configuration_that_cannot_be_is_refused() {
    let start = |config| Gateway::start(config).unwrap_err();
    assert!(matches!(start(config(&clock()).account("")), Error::InvalidAccount { .. }));
    assert!(matches!(
        start(config(&clock()).server_version_max(212)),
        Error::InvalidVersion { version: 212 }
    ));
    let gateway = gateway();
    let taken = config(&clock()).address(gateway.address());
    assert!(matches!(start(taken), Error::Bind { .. }));
}

#[test]
fn nothing_is_sent_before_the_client_says_who_it_is() {
    let gateway = gateway();
    let mut client = Client::shaken(gateway.address());
    client.send(id::MANAGED_ACCOUNTS, Fields::new());
    client.send(id::CURRENT_TIME, Fields::new());
    client.send(id::START_API, Fields::new().int(1, 4));
    let first = client.next().unwrap();
    assert_eq!(first.words(), "managedAccounts DU0000001");
}

#[test]
fn the_greeting() {
    let gateway = gateway();
    let (mut client, greeting) = Client::greeted(gateway.address(), 4);
    assert_eq!(
        greeting,
        [
            "managedAccounts DU0000001",
            "nextValidId 1",
            "error -1 2104 Market data farm connection is OK:usfarm",
            "error -1 2106 HMDS data farm connection is OK:ushmds",
            "error -1 2158 Sec-def data farm connection is OK:secdefnj",
        ]
    );
    client.place(3, "KO", limit("BUY", "1", 50.0));
    client.place(4, "KO", limit("BUY", "2", 50.0));
    client.place(5, "KO", market("BUY", "2"));
    drop(client);
    // Another client has none of it.
    assert_eq!(Client::greeted(gateway.address(), 5).1[1], "nextValidId 1");
    let (_client, greeting) = support::greeted_again(gateway.address(), 4);
    assert_eq!(
        greeting[..7],
        [
            "openOrder 3 Submitted",
            "orderStatus 3 Submitted 0/1",
            "openOrder 4 Submitted",
            "orderStatus 4 Submitted 0/2",
            "openOrderEnd",
            "managedAccounts DU0000001",
            "nextValidId 6",
        ]
    );
}

#[test]
fn a_client_id_is_used_by_one_at_a_time() {
    let gateway = gateway();
    let mut first = Client::connect(gateway.address(), 4);
    let mut second = Client::shaken(gateway.address());
    second.send(id::START_API, Fields::new().int(1, 4));
    let frame = second.next().unwrap();
    assert_eq!(
        frame.words(),
        "error -1 326 Unable connect as the client id is already in use. Retry with a unique client id."
    );
    assert_eq!(second.next(), None);
    assert_eq!(first.next_id(), 1);
}

#[test]
fn events_go_to_the_owner_of_an_order() {
    let gateway = gateway();
    let mut one = Client::connect(gateway.address(), 1);
    let mut two = Client::connect(gateway.address(), 2);
    one.place(1, "KO", market("BUY", "1"));
    assert_eq!(two.rest(), []);
}

#[test]
fn garbage_ends_its_own_connection_only() {
    let gateway = gateway();
    let mut good = Client::connect(gateway.address(), 1);
    let garbage: [&[u8]; 6] = [
        b"GET / HTTP/1.1\r\n\r\n",
        b"API\0\xff\xff\xff\xff",
        b"API\0\x00\x00\x00\x03abc",
        b"API\0\x00\x00\x00\x00",
        &[0; 64],
        &[0xff; 64],
    ];
    for bytes in garbage {
        let mut stream = TcpStream::connect(gateway.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(bytes).unwrap();
        // It ends, orderly or not.
        let mut rest = Vec::new();
        let _ = std::io::Read::read_to_end(&mut stream, &mut rest);
        assert_eq!(rest, b"", "{bytes:?}");
    }
    assert_eq!(good.next_id(), 1);
    // A frame beyond 16 MiB, from a client that is known.
    let mut bad = Client::connect(gateway.address(), 2);
    bad.write(&(17_u32 << 20).to_be_bytes());
    assert_eq!(bad.next(), None);
    assert_eq!(good.next_id(), 1);
}

#[test]
fn requests_that_nobody_knows_are_not_fatal() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 1);
    assert_eq!(client.told(12, Fields::new()), [""; 0]);
    assert_eq!(client.told(5_000, Fields::new().int(1, 2)), [""; 0]);
    client.write_frame(b"");
    client.write_frame(b"ab");
    client.write_frame(b"\0\0\0\x3d1\0");
    assert_eq!(client.rest(), []);
    // A message that is none.
    client.write_frame(&[0, 0, 0, 203, 0xff]);
    let told = client.rest();
    assert_eq!(told.len(), 1);
    assert!(told[0].words().starts_with("error -1 320 Error reading request:"), "{told:?}");
}

#[test]
fn frames_may_come_byte_by_byte() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 1);
    for byte in encoded(id::PLACE_ORDER, &placed(1, stock("KO"), market("BUY", "1"))) {
        client.write(&[byte]);
    }
    assert_eq!(client.rest().len(), 8);
    // Half a frame, and then nothing: the connection goes, and no order comes of it.
    let half = encoded(id::PLACE_ORDER, &placed(2, stock("KO"), limit("BUY", "1", 50.0)));
    client.write(&half[..half.len() - 1]);
    drop(client);
    let mut other = Client::connect(gateway.address(), 2);
    assert_eq!(other.told(id::ALL_OPEN_ORDERS, Fields::new()), ["openOrderEnd"]);
}

#[test]
fn a_hundred_clients_trade_at_a_time() {
    let gateway = gateway();
    let mut clients: Vec<Client> =
        (1..=100).map(|client_id| Client::connect(gateway.address(), client_id)).collect();
    for (index, client) in clients.iter_mut().enumerate() {
        let side = if index % 2 == 0 { "BUY" } else { "SELL" };
        client.send(id::PLACE_ORDER, placed(1, stock("KO"), market(side, "1")));
    }
    for client in &mut clients {
        client.until(|frame| frame.id == 59 || frame.id == 4);
    }
    let executions = clients[0].ask(id::EXECUTIONS, Fields::new().int(1, 1));
    let filled = executions.iter().filter(|frame| frame.id == 11).count();
    let held = clients[0].positions();
    // A sale that came before any purchase was refused; whatever the order, it adds up.
    assert!(filled >= 50, "{filled}");
    assert_eq!(held[0], format!("position KO {}", 50 - (filled - 50)));
}

#[test]
fn who_does_not_read_is_dropped_and_nobody_else() {
    let gateway = Gateway::start(config(&clock()).client_queue_max(1 << 20)).unwrap();
    let mut good = Client::connect(gateway.address(), 1);
    let mut slow = Client::connect(gateway.address(), 2);
    // Subscribed to everything that happens, and never reading.
    slow.send(id::POSITIONS, Fields::new());
    slow.send(id::ACCOUNT_UPDATES, Fields::new().int(1, 1));
    let end = Instant::now() + Duration::from_secs(60);
    let mut next = 1;
    loop {
        good.place(next, "KO", market("BUY", "1"));
        good.place(next + 1, "KO", market("SELL", "1"));
        next += 2;
        // The number is free again once the slow one is gone.
        let mut again = Client::shaken(gateway.address());
        again.send(id::START_API, Fields::new().int(1, 2));
        if !again.next().unwrap().is_error(326) {
            break;
        }
        assert!(Instant::now() < end, "the slow client is still there after {next} orders");
        for _ in 0..50 {
            good.place(next, "KO", market("BUY", "1"));
            next += 1;
        }
    }
    assert_eq!(good.next_id(), i64::from(next));
}

#[test]
fn the_time_is_told_once_in_a_while() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 1);
    assert_eq!(client.told(id::CURRENT_TIME, Fields::new()), ["currentTime 1787668200"]);
    assert_eq!(client.told(id::CURRENT_TIME, Fields::new()), [""; 0]);
    // Milliseconds count as well, and each connection for itself.
    assert_eq!(client.told(105, Fields::new()), [""; 0]);
    let mut other = Client::connect(gateway.address(), 2);
    assert_eq!(other.told(105, Fields::new()), ["message 109"]);
    let always = Gateway::start(config(&clock()).suppress_repeated_time(false)).unwrap();
    let mut client = Client::connect(always.address(), 1);
    for _ in 0..3 {
        assert_eq!(client.told(id::CURRENT_TIME, Fields::new()), ["currentTime 1787668200"]);
    }
}

#[test]
fn a_zone_has_the_name_that_it_is_given() {
    for zone in ["Central European Standard Time", "中国标准时间"] {
        let gateway = Gateway::start(config(&clock()).zone_name(zone)).unwrap();
        let answer = Client::offering(gateway.address(), "v100..226").1.unwrap();
        assert_eq!(answer, format!("226\020260825 10:30:00 {zone}\0"));
    }
}

#[test]
fn only_client_0_binds_orders() {
    let gateway = gateway();
    let mut zero = Client::connect(gateway.address(), 0);
    let mut one = Client::connect(gateway.address(), 1);
    assert_eq!(zero.told(15, Fields::new().int(1, 1)), [""; 0]);
    assert_eq!(
        one.told(15, Fields::new().int(1, 1)),
        [
            "error -1 321 Error validating request.-'v' : cause - Only the default client (i.e 0) can auto bind orders."
        ]
    );
}

#[test]
fn a_gateway_that_is_stopped_cuts_its_clients_off() {
    let gateway = gateway();
    let address = gateway.address();
    let mut client = Client::connect(address, 1);
    assert!(gateway.is_running());
    gateway.stop().unwrap();
    assert_eq!(client.next(), None);
    assert!(TcpStream::connect(address).is_err());
}
