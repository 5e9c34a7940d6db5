//! The text dialect: the same conversation as in the other one, in other bytes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::fields::Fields;
use support::gateway;
use support::text::{TextClient, placed};
use support::{Client, id, limit};

fn kinds(told: &[String]) -> Vec<&str> {
    told.iter().map(|message| message.split('|').next().unwrap()).collect()
}

#[test]
fn a_market_order_fills_in_the_recorded_sequence() {
    let gateway = gateway();
    let mut client = TextClient::connect(gateway.address(), 5, 178);
    let told = client.place(1, "KO", "BUY|10|MKT||||");
    assert_eq!(kinds(&told), ["5", "3", "11", "5", "3", "5", "3", "59"]);
    assert_eq!(told[1], "3|1|Submitted|0|10|0|1700000001|0|0|5||0");
    assert_eq!(
        told[2],
        "11|-1|1|1969288735|KO|STK||0.0|||NYSE|USD|KO|KO|0000dec1.6a000001.01.01|\
         20260825 10:30:00 US/Eastern|DU0000001|NYSE|BOT|10|60.02|1700000001|5|0|10|60.02|ref||||2|0"
    );
    assert_eq!(told[4], "3|1|Filled|10|0|60.02|1700000001|0|60.02|5||0");
    // A purchase realises nothing, which is the greatest double here.
    assert_eq!(
        told[7],
        "59|1|0000dec1.6a000001.01.01|1.0|USD|1.7976931348623157E308|1.7976931348623157E308|"
    );
}

#[test]
fn open_orders_have_as_many_fields_as_their_version() {
    let gateway = gateway();
    let versions = [157, 158, 160, 162, 166, 170, 176, 177, 178];
    // One more for each attribute that was added, and one less for the one that went.
    let counts = [128, 129, 130, 131, 131, 136, 136, 135, 135];
    for (client_id, (version, count)) in versions.into_iter().zip(counts).enumerate() {
        let client_id = client_id as i32 + 1;
        let mut client = TextClient::connect(gateway.address(), client_id, version);
        let told = client.ask(&placed(1, "KO", "BUY|10|LMT|50.0||DAY|", version));
        assert_eq!(kinds(&told), ["5", "3", "5", "3"], "{version}");
        let fields: Vec<&str> = told[0].split('|').collect();
        assert_eq!(fields.len(), count, "{version}: {told:?}");
        assert_eq!(fields[16..22], ["50.0", "0.0", "DAY", "", "DU0000001", ""]);
        client.send("58|1");
    }
}

#[test]
fn errors_have_their_reject_from_166_on() {
    let gateway = gateway();
    let text = "OrderId 9 that needs to be cancelled is not found.";
    let mut early = TextClient::connect(gateway.address(), 5, 165);
    assert_eq!(early.ask("4|1|9"), [format!("4|2|9|10147|{text}")]);
    let mut late = TextClient::connect(gateway.address(), 6, 178);
    assert_eq!(late.ask("4|1|9|"), [format!("4|2|9|10147|{text}|")]);
}

#[test]
fn both_dialects_see_the_same_account() {
    let gateway = gateway();
    let mut text = TextClient::connect(gateway.address(), 5, 178);
    let mut protobuf = Client::connect(gateway.address(), 6);
    text.place(1, "KO", "BUY|10|MKT||||");
    protobuf.place(1, "KO", limit("SELL", "10", 70.0));
    assert_eq!(protobuf.positions(), ["position KO 10", "positionEnd"]);
    let position = "61|3|DU0000001|1969288735|KO|STK||0.0|||NYSE|USD|KO|KO|10|60.12";
    assert_eq!(text.ask("61|1"), [position, "62|1"]);
    let all = text.ask("16|1");
    assert_eq!(kinds(&all), ["5", "3", "53"]);
    assert_eq!(all[1], "3|1|Submitted|0|10|0|1700000002|0|0|6||0");
    let done = protobuf.ask(id::COMPLETED_ORDERS, Fields::new());
    assert_eq!(done[0].fields.inner(2).text_of(28), "ref");
}

#[test]
fn lists_and_prices_come_with_their_ends() {
    let gateway = gateway();
    let mut client = TextClient::connect(gateway.address(), 5, 178);
    client.place(1, "KO", "BUY|10|MKT||||");
    let completed = client.ask("99|0");
    assert_eq!(kinds(&completed), ["101", "102"]);
    assert_eq!(completed[0].split('|').count(), 100);
    assert!(completed[0].contains("|20260825 10:30:00 US/Eastern|Filled Size: 10|"));
    assert_eq!(kinds(&client.ask("7|3|4|0||||||")), ["11", "59", "55"]);
    let contract = "0|KO|STK||0.0|||SMART||USD||";
    let details = client.ask(&format!("9|8|5|{contract}|0|||"));
    assert_eq!(kinds(&details), ["10", "52"]);
    let bars = client.ask(&format!("20|6|{contract}|0||1 day|3 D|1|TRADES|1|0|"));
    assert_eq!(kinds(&bars), ["17"]);
    let fields: Vec<&str> = bars[0].split('|').collect();
    assert_eq!((fields[4], fields.len()), ("3", 5 + 3 * 8));
    let snapshot = client.ask(&format!("1|11|7|{contract}|0||1|0|"));
    assert_eq!(kinds(&snapshot).first(), Some(&"58"));
    assert_eq!(snapshot.last().unwrap(), "57|1|7");
    assert!(snapshot.contains(&"1|6|7|1|59.98|100|0".to_owned()), "{snapshot:?}");
    let unknown = client.ask("9|8|8|0|ZZZZ|STK||0.0|||SMART||USD|||0|||");
    let text = "No security definition has been found for the request";
    assert_eq!(unknown, [format!("4|2|8|200|{text}|")]);
}

#[test]
fn garbage_is_told_and_ends_nothing() {
    let gateway = gateway();
    let mut client = TextClient::connect(gateway.address(), 5, 178);
    assert_eq!(client.ask("5000|1"), [""; 0]);
    assert_eq!(client.ask(""), [""; 0]);
    let told = client.ask("3|1|0|KO|STK");
    assert_eq!(told, ["4|2|1|320|Error reading request:field 5 is missing|"]);
    assert_eq!(client.ask("4|1|x").len(), 1);
    // Unknown, and ignored, however short.
    for message in ["80", "85", "9999", "106", "107", "12", "14"] {
        assert_eq!(client.ask(message), [""; 0], "{message}");
    }
    // Nothing came of it: the id is free.
    assert_eq!(kinds(&client.place(1, "KO", "BUY|1|MKT||||")).len(), 8);
}
