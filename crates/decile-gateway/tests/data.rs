//! Contracts, prices and bars.

mod support;

use decile_core::{Currency, Decimal, Quote};
use decile_gateway::{Gateway, Venue};
use support::fields::Fields;
use support::text::TextClient;
use support::{Client, clock, config, gateway, id, market, placed, stock};

fn details(contract: Fields) -> Fields {
    Fields::new().int(1, 9).message(2, contract)
}

#[test]
fn a_stock_is_one_contract_with_its_hours() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let frames = client.ask(id::CONTRACT_DETAILS, details(stock("AAPL")));
    assert_eq!(frames.len(), 2);
    assert_eq!(frames[1].words(), "contractDetailsEnd");
    let (contract, details) = (frames[0].fields.inner(2), frames[0].fields.inner(3));
    assert_eq!(contract.number(1), 265_598);
    assert_eq!(
        (contract.text_of(9), contract.text_of(12)),
        ("NASDAQ".to_owned(), "NMS".to_owned())
    );
    assert_eq!(details.text_of(2), "0.01");
    assert_eq!(details.text_of(7), "APPLE INC");
    assert_eq!(details.text_of(12), "US/Eastern");
    assert_eq!(
        details.text_of(14),
        "20260825:0930-20260825:1600;20260826:0930-20260826:1600;20260827:0930-20260827:1600;\
         20260828:0930-20260828:1600;20260831:0930-20260831:1600"
    );
    assert!(details.text_of(13).starts_with("20260825:0400-20260825:2000;"));
}

#[test]
fn early_closes_show_in_the_hours() {
    let clock = clock();
    clock.advance(chrono::TimeDelta::days(90)); // 2026-11-23, the week of Thanksgiving
    let gateway = Gateway::start(config(&clock)).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    let frames = client.ask(id::CONTRACT_DETAILS, details(stock("KO")));
    let details = frames[0].fields.inner(3);
    assert!(details.text_of(14).contains("20261127:0930-20261127:1300"), "{}", details.text_of(14));
    assert!(details.text_of(13).contains("20261127:0400-20261127:1700"));
    assert!(!details.text_of(14).contains("20261126"));
}

#[test]
fn contracts_are_found_by_number_and_unknown_ones_are_not() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let frames = client.ask(id::CONTRACT_DETAILS, details(stock("BRK B")));
    let number = i32::try_from(frames[0].fields.inner(2).number(1)).unwrap();
    let frames = client.ask(id::CONTRACT_DETAILS, details(Fields::new().int(1, number)));
    assert_eq!(frames[0].fields.inner(2).text_of(2), "BRK B");
    let told = client.told(id::CONTRACT_DETAILS, details(stock("ZZZZNOSUCH")));
    assert_eq!(told, ["error 9 200 No security definition has been found for the request"]);
    let told = client.told(id::CONTRACT_DETAILS, details(stock("KO").int(1, number)));
    assert_eq!(
        told,
        [
            "error 9 478 Parameters in request conflicts with contract parameters received by contract id"
        ]
    );
}

fn data(request: i32, symbol: &str, snapshot: bool) -> Fields {
    Fields::new().int(1, request).message(2, stock(symbol)).int(4, snapshot.into())
}

fn without_live_data() -> Gateway {
    Gateway::start(config(&clock()).live_data(false)).expect("it starts")
}

#[test]
fn live_data_without_a_subscription_are_refused() {
    let gateway = without_live_data();
    let mut client = Client::connect(gateway.address(), 5);
    assert_eq!(
        client.told(id::MARKET_DATA, data(2, "AAPL", true)),
        [
            "tickReqParams 4",
            "error 2 10089 Requested market data requires additional subscription for API. See \
             link in 'Market Data Connections' dialog for more details.Delayed market data is \
             available.AAPL NASDAQ.NMS/TOP/ALL",
        ]
    );
}

#[test]
fn delayed_data_come_in_the_recorded_order() {
    let gateway = without_live_data();
    let mut client = Client::connect(gateway.address(), 5);
    client.send(id::MARKET_DATA_TYPE, Fields::new().int(1, 3));
    assert_eq!(
        client.told(id::MARKET_DATA, data(2, "KO", true)),
        [
            "marketDataType 3",
            "tickReqParams 4",
            "tickPrice 68 60",
            "tickString 88 1787668200",
            "tickPrice 72 60",
            "tickPrice 73 60",
            "tickSize 74 0",
            "tickPrice 75 60",
            "tickPrice 76 60",
            "tickPrice 66 59.98",
            "tickPrice 67 60.02",
            "tickSnapshotEnd",
        ]
    );
}

#[test]
fn a_subscription_to_live_data_gives_live_ticks_whatever_is_asked_for() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    for kind in [1, 3] {
        client.send(id::MARKET_DATA_TYPE, Fields::new().int(1, kind));
        let told = client.told(id::MARKET_DATA, data(kind, "KO", true));
        assert_eq!(told[..3], ["marketDataType 1", "tickReqParams 3", "tickPrice 4 60"]);
        assert!(told.contains(&"tickPrice 1 59.98".to_owned()));
    }
}

#[test]
fn a_stream_goes_on_until_it_is_cancelled() {
    let gateway = without_live_data();
    let mut client = Client::connect(gateway.address(), 5);
    client.send(id::MARKET_DATA_TYPE, Fields::new().int(1, 3));
    let told = client.told(id::MARKET_DATA, data(2, "KO", false));
    assert_eq!(told.last().unwrap(), "tickPrice 67 60.02");
    let duplicate = client.told(id::MARKET_DATA, data(2, "PEP", false));
    assert_eq!(duplicate, ["error 2 102 Duplicate ticker id"]);
    client.place(1, "KO", market("BUY", "10"));
    let move_to = |price: &str| {
        let (symbol, price) = ("KO".parse().unwrap(), price.parse().unwrap());
        let time = support::NOW.parse().unwrap();
        gateway.set_quotes([Quote::centred(symbol, price, Decimal::ZERO, Currency::USD, time)]);
    };
    move_to("61");
    let told: Vec<String> = client.rest().iter().map(support::Frame::words).collect();
    assert_eq!(told[..3], ["tickPrice 68 61", "tickString 88 1787668200", "tickPrice 72 61"]);
    assert!(told.contains(&"tickSize 74 10".to_owned()));
    client.ask(2, Fields::new().int(1, 2));
    move_to("62");
    assert_eq!(client.rest(), []);
    assert_eq!(
        client.told(2, Fields::new().int(1, 2)),
        ["error 2 300 Can't find EId with tickerId:2"]
    );
}

#[test]
fn what_is_not_known_of_a_price_is_left_out() {
    let gateway = without_live_data();
    gateway.set_quotes([Quote {
        symbol: "NEW".parse().unwrap(),
        bid: Some("10".parse().unwrap()),
        ask: None,
        last: None,
        previous_close: None,
        currency: Currency::USD,
        time: support::NOW.parse().unwrap(),
    }]);
    let mut client = Client::connect(gateway.address(), 5);
    client.send(id::MARKET_DATA_TYPE, Fields::new().int(1, 3));
    let told = client.told(id::MARKET_DATA, data(2, "NEW", true));
    assert_eq!(told[2..], ["tickSize 74 0", "tickPrice 66 10", "tickSnapshotEnd"]);
    let told = client.place(1, "NEW", market("BUY", "1"));
    assert_eq!(told[2], "error 1 201 Order rejected - reason:There is no price of NEW to deal at.");
}

fn history(symbol: &str, duration: &str) -> Fields {
    let query = Fields::new().int(1, 7).message(2, stock(symbol)).text(4, "1 day");
    query.text(5, duration).int(6, 1).text(7, "TRADES").int(8, 1)
}

#[test]
fn bars_of_a_week_end_before_the_session_under_way() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let frames = client.ask(id::HISTORY, history("KO", "1 W"));
    assert_eq!(
        frames[1].words(),
        "historicalDataEnd 20260818 10:30:00 US/Eastern 20260825 10:30:00 US/Eastern"
    );
    let bars = frames[0].fields.all(2);
    let dates: Vec<String> = bars.iter().map(|bar| bar.text_of(1)).collect();
    assert_eq!(dates, ["20260818", "20260819", "20260820", "20260821", "20260824"]);
    assert_eq!(bars[4].double_of(5), 60.0);
    for bar in &bars {
        let [open, high, low, close] = [2, 3, 4, 5].map(|tag| bar.double_of(tag));
        assert!(low <= open.min(close) && open.max(close) <= high);
    }
}

#[test]
fn spans_of_bars() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let mut count = |query: Fields| client.ask(id::HISTORY, query)[0].fields.all(2).len();
    assert_eq!(count(history("KO", "10 D")), 10);
    assert_eq!(count(history("KO", "1 M")), 21); // 2026-07-25 to 2026-08-24
    assert_eq!(count(history("KO", "1 Y")), 251);
    assert_eq!(count(history("KO", "20 Y")), 520);
    // To the close of a Friday, with and without a zone.
    for end in ["20260821 16:00:00 US/Eastern", "20260821-20:00:00", "20260821 16:00:00"] {
        assert_eq!(count(history("KO", "1 W").text(3, end)), 6, "{end}");
    }
    assert_eq!(count(history("KO", "1 W").int(8, 2)), 5);
}

#[test]
fn bars_that_are_not_there_are_refused_in_the_recorded_words() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let mut told = |query: Fields| client.told(id::HISTORY, query)[0].clone();
    let none = |what: &str| {
        format!(
            "error 7 162 Historical Market Data Service error message:HMDS query returned no data: KO@SMART {what}"
        )
    };
    assert_eq!(
        told(history("KO", "1 D").text(7, "OPTION_IMPLIED_VOLATILITY")),
        none("Option_implied_volatility")
    );
    assert_eq!(
        told(history("KO", "1 D").text(7, "ADJUSTED_LAST").text(3, "20260821 16:00:00")),
        "error 7 321 Error validating request.-'v' : cause - End date not supported with adjusted last"
    );
    assert_eq!(told(history("KO", "1 D").int(9, 1)), none("Trades"));
    assert_eq!(told(history("KO", "1 D").text(3, "19900101 16:00:00")), none("Trades"));
    assert!(told(history("ZZZZ", "1 D")).starts_with("error 7 200"));
    let invalid = "error 7 321 Error validating request.-'v' : cause - ";
    assert!(
        told(history("KO", "1 D").text(4, "1 eon"))
            .starts_with(&format!("{invalid}Historical data bar size setting is invalid."))
    );
    assert!(
        told(history("KO", "1 D").text(3, "soon"))
            .starts_with("error 7 10314 End Date/Time: The date, time, or time-zone entered is ")
    );
    assert!(
        told(history("KO", "1 eon"))
            .starts_with(&format!("{invalid}Invalid historical data duration"))
    );
}

#[test]
fn longer_bars_are_made_of_days() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let mut bars = |query: Fields| client.ask(id::HISTORY, query)[0].fields.all(2);
    let days = bars(history("KO", "15 D"));
    for size in ["1W", "1 week"] {
        // From the Tuesday a fortnight before, which is in a week that is told as a whole.
        let weeks = bars(history("KO", "2 W").text(4, size));
        let dates: Vec<String> = weeks.iter().map(|bar| bar.text_of(1)).collect();
        assert_eq!(dates, ["20260814", "20260821", "20260824"]);
        let week: Vec<&Fields> = days
            .iter()
            .filter(|bar| ("20260817"..="20260821").contains(&&*bar.text_of(1)))
            .collect();
        let high = week.iter().map(|bar| bar.double_of(3)).fold(0.0, f64::max);
        assert_eq!((weeks[1].double_of(2), weeks[1].double_of(3)), (week[0].double_of(2), high));
        assert_eq!(weeks[1].double_of(5), week[4].double_of(5));
    }
    let months = bars(history("KO", "2 M").text(4, "1M"));
    let dates: Vec<String> = months.iter().map(|bar| bar.text_of(1)).collect();
    assert_eq!(dates, ["20260630", "20260731", "20260824"]);
    // The middle of quotes has no volume; nothing is paid out here.
    let day = bars(history("KO", "1 D"));
    let middle = bars(history("KO", "1 D").text(7, "MIDPOINT"));
    assert_eq!(middle[0].double_of(5), day[0].double_of(5));
    assert_eq!(middle[0].get(6), None);
    assert_eq!(bars(history("KO", "1 D").text(7, "ADJUSTED_LAST")), day);
}

#[test]
fn fixed_prices_have_no_history() {
    let venue = Venue::prices([("KO".parse().unwrap(), "61.5".parse().unwrap())]);
    let gateway = Gateway::start(decile_gateway::GatewayConfig::new(venue).clock(clock())).unwrap();
    let mut client = Client::connect(gateway.address(), 5);
    assert!(client.told(id::HISTORY, history("KO", "1 W"))[0].starts_with("error 7 162"));
    assert!(
        client.told(id::CONTRACT_DETAILS, details(stock("AAPL")))[0].starts_with("error 9 200")
    );
    assert_eq!(client.place(1, "KO", market("BUY", "1")).len(), 8);
}

#[test]
fn bars_within_a_day_come_in_both_shapes_of_time() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let hours = |shape| history("KO", "1 D").text(4, "1 hour").int(8, shape);
    let frames = client.ask(id::HISTORY, hours(1));
    let bars = frames[0].fields.all(2);
    // From 9:30 to 16:00, the last half as long.
    assert_eq!(bars.len(), 7);
    assert_eq!(bars[0].text_of(1), "20260824 09:30:00 US/Eastern");
    let frames = client.ask(id::HISTORY, hours(2));
    assert_eq!(frames[0].fields.all(2)[0].text_of(1), "1787578200");
    let day = &client.ask(id::HISTORY, history("KO", "1 D"))[0].fields.all(2)[0];
    assert_eq!((bars[0].double_of(2), bars[6].double_of(5)), (day.double_of(2), day.double_of(5)));
    let too_many = history("KO", "2 Y").text(4, "1 secs");
    let told = client.told(id::HISTORY, too_many);
    assert!(
        told[0]
            .ends_with("162 Historical Market Data Service error message:Time length exceed max.")
    );
}

#[test]
fn a_contract_without_an_exchange_is_one_of_several() {
    let gateway = gateway();
    let mut client = Client::connect(gateway.address(), 5);
    let query = |contract| Fields::new().int(1, 7).message(2, contract);
    let frames = client.ask(id::CONTRACT_DETAILS, query(stock("KO").without(8)));
    let exchanges: Vec<String> =
        frames[..2].iter().map(|frame| frame.fields.inner(2).text_of(8)).collect();
    assert_eq!(exchanges, ["SMART", "NYSE"]);
    assert_eq!(frames.len(), 3);
    let frames = client.ask(id::CONTRACT_DETAILS, query(stock("KO").text(8, "ARCA")));
    assert_eq!((frames.len(), frames[0].fields.inner(2).text_of(8)), (2, "ARCA".to_owned()));
    let isin = Fields::new().text(3, "STK").text(8, "SMART").text(13, "ISIN");
    let frames = client.ask(id::CONTRACT_DETAILS, query(isin.text(14, "US0378331005")));
    assert_eq!(frames[0].fields.inner(2).text_of(2), "AAPL");
    let local = stock("").without(2).text(11, "BRK B");
    assert_eq!(
        client.place(1, "", market("BUY", "1"))[0],
        "error 1 200 No security definition has been found for the request"
    );
    let frames = client.ask(id::PLACE_ORDER, placed(2, local, market("BUY", "1")));
    assert_eq!(frames[0].fields.inner(2).text_of(2), "BRK B");
    // In the other dialect an id of another kind stands behind the contract.
    let mut text = TextClient::connect(gateway.address(), 6, 178);
    let told = text.ask("9|8|8|0||STK||0.0|||SMART||USD|||0|ISIN|US0378331005||");
    assert!(told[0].starts_with("10|8|AAPL|STK||0||SMART|USD|AAPL|NMS|"), "{told:?}");
    let told = text.ask("9|8|9|0||STK||0.0|||SMART||USD|AAPL||0||||");
    assert!(told[0].starts_with("10|9|AAPL|"), "{told:?}");
    assert_eq!(client.ask(id::CONTRACT_DETAILS, query(stock("KO"))).len(), 2);
}
