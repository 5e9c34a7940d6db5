//! What goes wrong on purpose, and that nothing else does.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use decile_gateway::{Fault, Faults, Gateway, Message, Trouble};
use std::time::{Duration, Instant};
use support::fields::Fields;
use support::text::TextClient;
use support::{Client, Frame, clock, config, id, limit, market, placed, stock};

fn with(faults: impl IntoIterator<Item = Fault>) -> (Gateway, Client) {
    let gateway = Gateway::start(config(&clock()).faults(Faults::new(faults))).unwrap();
    let client = Client::connect(gateway.address(), 5);
    (gateway, client)
}

fn buy(client: &mut Client, order: i32) -> Vec<String> {
    client.place(order, "KO", market("BUY", "10"))
}

fn kinds(told: &[String]) -> Vec<&str> {
    told.iter().map(|words| words.split(' ').next().unwrap()).collect()
}

/// What is told of a market order that nothing happens to.
const WHOLE: [&str; 8] = [
    "openOrder",
    "orderStatus",
    "execDetails",
    "openOrder",
    "orderStatus",
    "openOrder",
    "orderStatus",
    "commission",
];

/// Reads the greeting of a client that comes back.
fn again(gateway: &Gateway) -> Vec<String> {
    support::greeted_again(gateway.address(), 5).1
}

#[test]
fn a_message_is_lost_as_often_as_it_is_to_be() {
    let lost = Fault::of(Trouble::Drop).message(Message::CommissionReport);
    let (gateway, mut client) = with([lost.clone().skip(1).times(1)]);
    assert_eq!(kinds(&buy(&mut client, 1)), WHOLE);
    assert_eq!(kinds(&buy(&mut client, 2)), WHOLE[..7]);
    assert_eq!(kinds(&buy(&mut client, 3)), WHOLE);
    // At run time, for one order.
    gateway.set_faults(Faults::new([lost.order(5)]));
    assert_eq!(kinds(&buy(&mut client, 4)), WHOLE);
    assert_eq!(kinds(&buy(&mut client, 5)), WHOLE[..7]);
    gateway.set_faults(Faults::default());
    assert_eq!(kinds(&buy(&mut client, 6)), WHOLE);
}

#[test]
fn errors_are_lost_by_their_code() {
    let lost = Fault::of(Trouble::Drop).message(Message::Error).code(10147);
    let (_gateway, mut client) = with([lost]);
    assert_eq!(client.cancel(7), [""; 0]);
    assert_eq!(client.place(0, "KO", market("BUY", "1")).len(), 1);
}

#[test]
fn the_end_of_a_list_is_lost() {
    let (_gateway, mut client) = with([Fault::of(Trouble::Drop).message(Message::PositionEnd)]);
    buy(&mut client, 1);
    assert_eq!(client.positions(), ["position KO 10"]);
}

#[test]
fn a_message_comes_twice() {
    let (_gateway, mut client) =
        with([Fault::of(Trouble::Duplicate).message(Message::ExecDetails)]);
    let told = buy(&mut client, 1);
    assert_eq!(told[2], told[3]);
    assert_eq!(told.len(), 9);
}

#[test]
fn a_message_comes_after_the_one_behind_it() {
    let (_gateway, mut client) = with([Fault::of(Trouble::Reorder).message(Message::ExecDetails)]);
    let told = buy(&mut client, 1);
    assert_eq!(kinds(&told)[2..5], ["openOrder", "execDetails", "orderStatus"]);
    assert_eq!(told.len(), 8);
}

#[test]
fn a_message_comes_later() {
    let fault = Fault::of(Trouble::Delay).message(Message::ExecDetails).delay_ms(300);
    let (_gateway, mut client) = with([fault]);
    let begin = Instant::now();
    assert!(!kinds(&buy(&mut client, 1)).contains(&"execDetails"));
    let late = client.next().unwrap();
    assert_eq!(late.words(), "execDetails -1 1 BOT 10");
    assert!(begin.elapsed() >= Duration::from_millis(300));
}

#[test]
fn a_message_that_nobody_can_read_is_a_frame_all_the_same() {
    let (gateway, mut client) = with([Fault::of(Trouble::Garble).message(Message::ExecDetails)]);
    client.send(id::PLACE_ORDER, placed(1, stock("KO"), market("BUY", "10")));
    client.until(|frame| frame.id == 3);
    // The message of an execution, and a tag that never ends.
    assert_eq!(client.next_body(), [0, 0, 0, 211, 0xff]);
    // And the next one is whole.
    assert_eq!(client.next().unwrap().words(), "openOrder 1 Filled");
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    assert_eq!(text.place(1, "KO", "BUY|1|MKT|||DAY|")[2], "11|?");
}

#[test]
fn an_order_is_swallowed() {
    let (_gateway, mut client) = with([Fault::of(Trouble::SwallowOrder).skip(1).times(1)]);
    assert_eq!(buy(&mut client, 1).len(), 8);
    assert_eq!(buy(&mut client, 2), [""; 0]);
    assert_eq!(client.positions(), ["position KO 10", "positionEnd"]);
    assert_eq!(client.next_id(), 2);
    assert_eq!(buy(&mut client, 2).len(), 8);
}

#[test]
fn a_fast_order_has_no_status() {
    let (_gateway, mut client) = with([Fault::of(Trouble::NoStatus)]);
    assert_eq!(buy(&mut client, 1), ["execDetails -1 1 BOT 10", "commission 1 USD"]);
    // One that rests has.
    assert_eq!(client.place(2, "KO", limit("BUY", "1", 50.0)).len(), 4);
}

#[test]
fn a_preset_is_told_before_the_first_status() {
    let (_gateway, mut client) = with([Fault::of(Trouble::PresetNotice)]);
    let told = buy(&mut client, 1);
    assert_eq!(told[0], "error 1 10349 Order TIF was set to DAY based on order preset.");
    assert_eq!(kinds(&told[1..]), WHOLE);
}

#[test]
fn a_commission_comes_first_or_is_not_known_yet() {
    let (_gateway, mut client) = with([
        Fault::of(Trouble::CommissionFirst).order(1),
        Fault::of(Trouble::CommissionUnset).order(2),
    ]);
    assert_eq!(kinds(&buy(&mut client, 1))[2..4], ["commission", "execDetails"]);
    let frames = client.ask(id::PLACE_ORDER, placed(2, stock("KO"), market("BUY", "10")));
    assert_eq!(frames[7].fields.double_of(2), f64::MAX);
    assert_eq!(frames[8].words(), "commission 1 USD");
}

#[test]
fn an_execution_is_corrected() {
    let (_gateway, mut client) = with([Fault::of(Trouble::CorrectExecution)]);
    let frames = client.ask(id::PLACE_ORDER, placed(1, stock("KO"), market("BUY", "10")));
    let ids = [2, 8].map(|index: usize| frames[index].fields.inner(3).text_of(2));
    assert_eq!(ids, ["0000dec1.6a000001.01.01", "0000dec1.6a000001.01.02"]);
    assert_eq!(client.positions(), ["position KO 10", "positionEnd"]);
}

#[test]
fn cancels_are_not_answered() {
    let (_gateway, mut client) = with([
        Fault::of(Trouble::IgnoreCancel).times(1),
        Fault::of(Trouble::IgnoreGlobalCancel).times(1),
    ]);
    client.place(1, "KO", limit("BUY", "1", 50.0));
    assert_eq!(client.cancel(1), [""; 0]);
    assert_eq!(client.told(id::GLOBAL_CANCEL, Fields::new()), [""; 0]);
    assert_eq!(client.told(id::OPEN_ORDERS, Fields::new()).len(), 3);
    assert_eq!(client.cancel(1).len(), 4);
}

#[test]
fn a_connection_ends_before_an_order_is_taken() {
    let (gateway, mut client) = with([Fault::of(Trouble::Disconnect).skip(1)]);
    buy(&mut client, 1);
    client.send(id::PLACE_ORDER, placed(2, stock("KO"), market("BUY", "10")));
    assert_eq!(client.next(), None);
    assert_eq!(again(&gateway)[1], "nextValidId 2");
    let mut other = Client::connect(gateway.address(), 6);
    assert_eq!(other.positions(), ["position KO 10", "positionEnd"]);
}

#[test]
fn a_connection_ends_after_an_order_is_taken() {
    let (gateway, mut client) = with([Fault::of(Trouble::DisconnectAfter).times(1)]);
    client.send(id::PLACE_ORDER, placed(1, stock("KO"), market("BUY", "10")));
    assert_eq!(client.next(), None);
    assert_eq!(again(&gateway)[1], "nextValidId 2");
    let mut other = Client::connect(gateway.address(), 6);
    assert_eq!(other.positions(), ["position KO 10", "positionEnd"]);
}

#[test]
fn nobody_is_answered_until_the_faults_are_set_again() {
    let (gateway, mut client) = with([Fault::of(Trouble::Stall).skip(1).times(1)]);
    buy(&mut client, 1);
    let mut other = Client::connect(gateway.address(), 6);
    client.send(id::PLACE_ORDER, placed(2, stock("KO"), market("BUY", "10")));
    other.send(id::POSITIONS, Fields::new());
    assert!(other.is_silent_for(Duration::from_millis(200)));
    assert!(client.is_silent_for(Duration::from_millis(200)));
    gateway.set_faults(Faults::default());
    let told: Vec<String> = client.until(|frame| frame.id == 59).iter().map(Frame::words).collect();
    assert_eq!(kinds(&told), WHOLE);
    assert_eq!(other.next().unwrap().words(), "position KO 20");
}

#[test]
fn a_stall_and_a_lost_connection_may_end_by_themselves() {
    let time = Duration::from_millis(700);
    let (gateway, mut client) = with([
        Fault::of(Trouble::Stall).order(1).lasting(time),
        Fault::of(Trouble::LoseConnection).skip(1).times(1).lasting(time),
    ]);
    let begin = Instant::now();
    client.send(id::PLACE_ORDER, placed(1, stock("KO"), market("BUY", "10")));
    assert!(client.is_silent_for(Duration::from_millis(300)));
    let told = client.until(|frame| frame.id == 59);
    assert!(begin.elapsed() >= time);
    assert_eq!(told.len(), WHOLE.len());
    client.send(id::PLACE_ORDER, placed(2, stock("KO"), market("BUY", "10")));
    client.until(|frame| frame.is_error(1100));
    // Other faults do not make it last.
    gateway.set_faults(Faults::default());
    let told = client.until(|frame| frame.is_error(1102));
    assert!(told.iter().all(|frame| frame.is_error(1100) || frame.is_error(1102)), "{told:?}");
    assert!(begin.elapsed() >= 2 * time);
}

#[test]
fn a_restart_keeps_the_account_or_begins_anew() {
    let (gateway, mut client) = with([]);
    buy(&mut client, 1);
    gateway.cause(Trouble::Restart);
    assert_eq!(client.next(), None);
    let mut client = Client::connect(gateway.address(), 5);
    assert_eq!(client.positions(), ["position KO 10", "positionEnd"]);
    assert_eq!(client.next_id(), 2);
    gateway.cause(Trouble::RestartEmpty);
    assert_eq!(client.next(), None);
    let mut client = Client::connect(gateway.address(), 5);
    assert_eq!(client.positions(), ["positionEnd"]);
    assert_eq!(client.next_id(), 1);
    assert_eq!(client.summary("TotalCashValue").to_string(), "1000000.00");
}

#[test]
fn what_happens_while_the_connection_is_lost_is_not_told() {
    let (gateway, mut client) = with([]);
    client.place(1, "KO", limit("BUY", "10", 59.0));
    gateway.cause(Trouble::LoseConnection);
    let lost = "error -1 1100 Connectivity between IBKR and Trader Workstation has been lost.";
    assert_eq!(client.next().unwrap().words(), lost);
    support::quote(&gateway, "58.90", "58.95");
    // It is said again each second, and nothing else is.
    assert_eq!(client.next().unwrap().words(), lost);
    gateway.cause(Trouble::RestoreConnection);
    let frames = client.until(|frame| frame.is_error(1102));
    assert!(frames.iter().all(|frame| frame.id == 4), "{frames:?}");
    assert!(frames.last().unwrap().words().ends_with(
        "restored - data maintained. All data farms are connected: usfarm; ushmds; secdefnj."
    ));
    let executions = client.told(id::EXECUTIONS, Fields::new().int(1, 1));
    assert_eq!(executions[0], "execDetails 1 1 BOT 10");
}

#[test]
fn data_that_were_lost_have_to_be_asked_for_again() {
    let (gateway, mut client) = with([]);
    client.ask(id::MARKET_DATA, Fields::new().int(1, 9).message(2, stock("KO")));
    gateway.cause(Trouble::LoseConnection);
    gateway.cause(Trouble::RestoreWithoutData);
    client.until(|frame| frame.is_error(1101));
    support::quote(&gateway, "58.90", "58.95");
    assert_eq!(client.rest(), []);
}

#[test]
fn a_farm_goes_and_comes() {
    let (gateway, mut client) = with([]);
    gateway.cause(Trouble::FlapFarm);
    let told: Vec<String> = client.rest().iter().map(Frame::words).collect();
    assert_eq!(
        told,
        [
            "error -1 2103 Market data farm connection is broken:usfarm",
            "error -1 2104 Market data farm connection is OK:usfarm",
        ]
    );
}

#[test]
fn the_broker_sells_what_is_held() {
    let (gateway, mut client) = with([]);
    buy(&mut client, 1);
    for order in [2, 3] {
        gateway.cause(Trouble::Liquidate);
        buy(&mut client, order);
    }
    let mut other = Client::connect(gateway.address(), 6);
    gateway.cause(Trouble::Liquidate);
    let frames = other.rest();
    let execution = frames[0].fields.inner(3);
    client.rest();
    assert_eq!((execution.number(1), execution.number(11)), (-1, 1));
    assert_eq!(frames[0].words(), "execDetails -1 -1 SLD 10");
    assert_eq!(frames[1].id, 59);
    assert_eq!(client.positions(), ["position KO 0", "positionEnd"]);
}

#[test]
fn ids_go_back_and_client_ids_are_held() {
    let (gateway, mut client) =
        with([Fault::of(Trouble::RollBackIds).times(1), Fault::of(Trouble::HoldClientId).times(1)]);
    buy(&mut client, 1);
    drop(client);
    // It may still be there, and then it is held; either way it hears 326 at least once.
    let mut held = Client::shaken(gateway.address());
    held.send(id::START_API, Fields::new().int(1, 5));
    assert!(held.next().unwrap().is_error(326));
    assert_eq!(held.next(), None);
    assert_eq!(again(&gateway)[1], "nextValidId 1");
    assert_eq!(again(&gateway)[1], "nextValidId 2");
}

#[test]
fn who_asks_too_fast_is_cut_off() {
    let (_gateway, mut client) = with([Fault::of(Trouble::LimitRate)]);
    assert_eq!(client.next_id(), 1);
    for _ in 0..100 {
        client.send(id::OPEN_ORDERS, Fields::new());
    }
    let frames = client.until(|frame| frame.is_error(100));
    let text = "error -1 100 Max rate of messages per second has been exceeded:max=50 rec=51 (1)";
    assert_eq!(frames.last().unwrap().words(), text);
    assert_eq!(client.next(), None);
}
