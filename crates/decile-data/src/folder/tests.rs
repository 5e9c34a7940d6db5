use crate::{Error, read_folder, write_folder};
use chrono::NaiveDate;
use decile_core::{ActionKind, Market, ReportTime};
use std::error::Error as _;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const ESTIMATES: &str = "symbol,asof,fy1_end,fy1,fy2,fy1_90d,fy2_90d,fy1_std,fy2_std,n_analysts,\
    fy2_up30,fy2_down30,rec,rec_30d\n\
    KO,2024-01-02,2024-12-31,2.8,3,,,0.1,,22,1.0,,1.5,\n";

/// A folder with one row or so in every required table.
const FOLDER: [(&str, &str); 7] = [
    ("calendar.csv", "date\n2024-01-02\n2024-01-03\n2024-01-04\n"),
    (
        "securities.csv",
        "symbol,issuer,sector,trade_ccy,report_ccy,adr_ratio\n\
         KO,Coca-Cola,Staples,USD,USD,1.0\nTM,\"Toyota, Motor\",Autos,USD,JPY,10\n",
    ),
    (
        "prices.csv",
        "date,symbol,close,volume\n2024-01-02,KO,59.82,100\n2024-01-02,TM,183.1,\n\
         2024-01-03,KO,60.06,200\n",
    ),
    ("actions.csv", "symbol,ex_date,kind,value\nKO,2024-01-03,dividend,0.46\n"),
    (
        "fundamentals.csv",
        "symbol,period_end,form,filed,report_time,ccy,net_income,book_equity,shares\n\
         KO,2023-09-29,10-Q,2023-10-26,pre,USD,3087000000,,4323000000\n\
         KO,2023-12-31,10-K,,\"\",USD,,\"\",\n",
    ),
    ("estimates.csv", ESTIMATES),
    ("fx.csv", "date,ccy,usd_per_unit\n2024-01-02,JPY,0.00705\n"),
];

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in FOLDER {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Reads the folder with one file replaced.
fn read_with(name: &str, text: impl AsRef<[u8]>) -> Result<Market, Error> {
    let folder = folder();
    fs::write(folder.path().join(name), text).unwrap();
    read_folder(folder.path())
}

/// Reads the folder with one file replaced and returns the error, its causes joined, with paths
/// relative to the folder.
fn refusal(name: &str, text: impl AsRef<[u8]>) -> String {
    let folder = folder();
    fs::write(folder.path().join(name), text).unwrap();
    message(folder.path())
}

fn message(folder: &Path) -> String {
    let error = read_folder(folder).expect_err("the folder has a fault");
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    let prefix = folder.display().to_string();
    text.replace(&format!("{prefix}/"), "").replace(&prefix, "FOLDER")
}

fn day(d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, d).unwrap()
}

#[test]
fn every_field_reaches_its_value() {
    let market = read_folder(folder().path()).unwrap();
    assert_eq!(market.calendar().sessions(), [day(2), day(3), day(4)]);
    let [coke, toyota] = market.stocks() else { panic!("two stocks: {market:?}") };
    assert_eq!(toyota.security().issuer, "Toyota, Motor");
    assert_eq!(toyota.security().adr_ratio, 10.0);
    assert_eq!(toyota.security().report_currency, "JPY".parse().unwrap());
    assert_eq!((toyota.bars()[0].close, toyota.bars()[0].volume), (183.1, None));
    assert_eq!((coke.bars()[1].close, coke.bars()[1].volume), (60.06, Some(200.0)));
    assert_eq!(coke.actions()[0].kind, ActionKind::Dividend);
    let [quarter, year] = coke.filings() else { panic!("two filings: {coke:?}") };
    assert_eq!(quarter.filed, NaiveDate::from_ymd_opt(2023, 10, 26));
    assert_eq!(quarter.report_time, ReportTime::Pre);
    assert_eq!((quarter.net_income, quarter.book_equity), (Some(3.087e9), None));
    assert_eq!((year.filed, year.report_time, year.shares), (None, ReportTime::Unknown, None));
    let estimate = &coke.estimates()[0];
    assert_eq!((estimate.analysts, estimate.fy2_up_30d), (Some(22), Some(1)));
    assert_eq!((estimate.fy2, estimate.recommendation), (Some(3.0), Some(1.5)));
    assert_eq!(
        market.exchange("JPY".parse().unwrap(), "USD".parse().unwrap(), day(3)),
        Some(0.00705)
    );
    assert!(market.benchmark().is_empty());
    assert_eq!(coke.membership(), None);
}

#[test]
fn optional_tables_and_columns_are_read() {
    let folder = folder();
    let add = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    add("membership.csv", "symbol,from,to\nKO,2024-01-02,2024-01-03\n");
    add("benchmark.csv", "date,close\n2024-01-02,4742.83\n");
    add("prices.csv", "symbol,low,date,volume,high,close,open\nKO,1,2024-01-02,5,3,2.5,2\n");
    add(
        "fundamentals.csv",
        "dividends_paid,revenue,gross_profit,total_assets,operating_cash_flow,source,retrieved_at,\
         symbol,period_end,form,filed,report_time,ccy,net_income,book_equity,shares,class_shares\n\
         1,2,3,4,5,sec,2024-01-02T09:30:00+01:00,KO,2023-09-29,10-Q,,post,USD,6,7,8,9\n",
    );
    add(
        "estimates.csv",
        "symbol,asof,fy1_end,fy1,fy2,fy1_90d,fy2_90d,fy1_std,fy2_std,n_analysts,fy2_up30,\
         fy2_down30,rec,rec_30d,fy2_low,fy2_high,fy1_low,fy1_high,n_rec\n\
         KO,2024-01-02,2024-12-31,2.8,3,,,,,22,1,,,,1,2,3,4,5\n",
    );
    let market = read_folder(folder.path()).unwrap();
    let [coke, toyota] = market.stocks() else { panic!("two stocks: {market:?}") };
    assert_eq!([2, 3, 4].map(|d| coke.is_member(day(d))), [true, true, false]);
    assert_eq!(toyota.membership(), Some([].as_slice()));
    assert_eq!(market.benchmark()[0].close, 4742.83);
    let bar = coke.bars()[0];
    let prices = [bar.open, bar.high, bar.low, Some(bar.close), bar.volume];
    assert_eq!(prices, [2.0, 3.0, 1.0, 2.5, 5.0].map(Some));
    let filing = &coke.filings()[0];
    let amounts = [
        filing.dividends_paid,
        filing.revenue,
        filing.gross_profit,
        filing.total_assets,
        filing.operating_cash_flow,
        filing.net_income,
        filing.book_equity,
        filing.shares,
        filing.class_shares,
    ];
    assert_eq!(amounts, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0].map(Some));
    let snapshot = &coke.estimates()[0];
    let range = [snapshot.fy2_low, snapshot.fy2_high, snapshot.fy1_low, snapshot.fy1_high];
    assert_eq!(range, [1.0, 2.0, 3.0, 4.0].map(Some));
    assert_eq!((snapshot.recommending, snapshot.fy2_down_30d), (Some(5), None));
    assert_eq!((filing.source.as_str(), filing.report_time), ("sec", ReportTime::Post));
    assert_eq!(filing.retrieved_at, Some("2024-01-02T08:30:00Z".parse().unwrap()));
}

#[test]
fn line_ends_marks_order_and_foreign_columns_do_not_matter() {
    let plain = read_folder(folder().path()).unwrap();
    let windows = FOLDER[2].1.replace('\n', "\r\n");
    assert_eq!(read_with("prices.csv", windows).unwrap(), plain);
    assert_eq!(read_with("prices.csv", format!("\u{feff}{}", FOLDER[2].1)).unwrap(), plain);
    assert_eq!(read_with("prices.csv", FOLDER[2].1.trim_end()).unwrap(), plain);
    let shuffled = "note,volume,symbol,date,close\nx,100,KO,2024-01-02,59.82\n\
                    ,,TM,2024-01-02,183.1\n\n,200,KO,2024-01-03,60.06\n\n";
    assert_eq!(read_with("prices.csv", shuffled).unwrap(), plain);
    assert_eq!(read_with("README.md", "# mine").unwrap(), plain);
}

#[test]
fn a_folder_that_is_none_is_refused() {
    let folder = folder();
    let missing = folder.path().join("missing");
    let text = read_folder(&missing).unwrap_err().to_string();
    assert!(text.ends_with("/missing: give the path of a market folder"), "{text}");
    assert!(text.starts_with("there is no folder "), "{text}");
    let file = folder.path().join("prices.csv");
    let text = read_folder(&file).unwrap_err().to_string();
    assert!(text.contains("prices.csv is not a folder: give the folder that holds"), "{text}");
}

#[test]
fn a_missing_table_says_what_to_add() {
    for (name, text) in FOLDER {
        let folder = folder();
        fs::remove_file(folder.path().join(name)).unwrap();
        let header = text.lines().next().unwrap();
        assert_eq!(
            message(folder.path()),
            format!(
                "FOLDER has no {name}: add it; if there is nothing to put into it, add its header \
                 alone: {header}"
            )
        );
    }
}

#[test]
fn a_table_in_two_formats_is_refused() {
    let text = refusal("prices.parquet", "");
    assert_eq!(text, "FOLDER has both prices.csv and prices.parquet: keep one of the two");
}

#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_needs_its_feature() {
    let folder = folder();
    fs::rename(folder.path().join("fx.csv"), folder.path().join("fx.parquet")).unwrap();
    assert_eq!(
        message(folder.path()),
        "fx.parquet cannot be read by this build: turn on the feature `parquet`, or convert the \
         table to CSV"
    );
}

#[test]
fn the_header_must_name_each_column_once() {
    assert_eq!(
        refusal("prices.csv", "date,symbol,close\n"),
        "prices.csv has no column volume: add it (its header is \"date,symbol,close\")"
    );
    assert_eq!(
        refusal("calendar.csv", ""),
        "calendar.csv has no column date: add it (its header is \"\")"
    );
    assert_eq!(
        refusal("prices.csv", "date,symbol,close,volume,close\n"),
        "prices.csv has two columns close: keep one of the two"
    );
    assert_eq!(
        refusal("prices.csv", "date,symbol,close,volume,Open\n"),
        "prices.csv has a column \"Open\": write it \"open\""
    );
    assert_eq!(
        refusal("securities.csv", "symbol,issuer,sector,trade_ccy,report_ccy,ADR ratio\n"),
        "securities.csv has a column \"ADR ratio\": write it \"adr_ratio\""
    );
}

#[test]
fn a_row_of_the_wrong_length_is_refused() {
    let prices = "date,symbol,close,volume\n2024-01-02,KO,59.82,100\n";
    assert_eq!(
        refusal("prices.csv", format!("{prices}2024-01-03,KO,60")),
        "prices.csv line 3 of KO: found 3 fields; write 4, as in the header"
    );
    assert_eq!(
        refusal("prices.csv", format!("{prices}2024-01-03,KO,60,,")),
        "prices.csv line 3 of KO: found 5 fields; write 4, as in the header"
    );
    assert_eq!(
        refusal("prices.csv", format!("{prices}2024")),
        "prices.csv line 3: found 1 fields; write 4, as in the header"
    );
}

/// Asserts what is said of a row of a table, under the table's own header.
fn assert_row(name: &str, row: &str, expected: &str) {
    let (_, text) = FOLDER.iter().find(|(file, _)| *file == name).unwrap();
    let header = text.lines().next().unwrap();
    assert_eq!(refusal(name, format!("{header}\n{row}\n")), format!("{name} line 2, {expected}"));
}

#[test]
fn a_field_of_the_wrong_kind_is_refused() {
    let number = "write a finite number such as 82.39";
    for bad in ["x", "nan", "inf", "1e999", "1 000", " 1"] {
        assert_row(
            "prices.csv",
            &format!("2024-01-02,KO,{bad},"),
            &format!("column close of KO: found \"{bad}\"; {number}"),
        );
    }
    assert_row(
        "prices.csv",
        "2024-01-02,KO,,",
        &format!("column close of KO: found nothing; {number}"),
    );
    assert_row(
        "prices.csv",
        "2024-01-02,KO,1,NaN",
        &format!("column volume of KO: found \"NaN\"; {number}, or leave it empty"),
    );
    let date = "write a date such as 2024-01-31";
    for bad in ["2024-02-30", "02/01/2024", "2024-1-2", "20240102"] {
        assert_row("calendar.csv", bad, &format!("column date: found \"{bad}\"; {date}"));
    }
    assert_row(
        "fundamentals.csv",
        "KO,2023-09-29,10-Q,soon,pre,USD,,,",
        &format!("column filed of KO: found \"soon\"; {date}, or leave it empty"),
    );
    assert_row(
        "fundamentals.csv",
        "KO,2023-09-29,10-Q,2023-10-26,PRE,USD,,,",
        "column report_time of KO: found \"PRE\"; write pre, post or unknown, or leave it empty",
    );
    assert_row(
        "fundamentals.csv",
        "KO,2023-09-29,,2023-10-26,pre,USD,,,",
        "column form of KO: found nothing; write a filing form of at most 16 characters, as in \
         10-Q or 10-K/A",
    );
    assert_row(
        "actions.csv",
        "KO,2024-01-03,merger,1",
        "column kind of KO: found \"merger\"; write split, dividend or spinoff",
    );
    assert_row(
        "estimates.csv",
        "KO,2024-01-02,2024-12-31,,,,,,,2.5,,,,",
        "column n_analysts of KO: found \"2.5\"; write a whole number, 0 or above, or leave it empty",
    );
    assert_row(
        "fx.csv",
        "2024-01-02,yen,0.007",
        "column ccy of yen: found \"yen\"; write three upper-case letters of ISO 4217, as in USD",
    );
    assert_row(
        "securities.csv",
        "KO,,S,USD,USD,1",
        "column issuer of KO: found nothing; write a text",
    );
    assert_row(
        "securities.csv",
        "brk b,B,S,USD,USD,1",
        "column symbol of brk b: found \"brk b\"; write a symbol of 1 to 16 upper-case letters, \
         digits, '.' or '-', as in BRK.B",
    );
}

#[test]
fn what_is_not_utf8_is_refused() {
    let text = b"date,symbol,close,volume\n2024-01-02,KO,1,\n2024-01-03,K\xff,1,\n";
    assert_eq!(
        refusal("prices.csv", text),
        "prices.csv line 3: a byte is not UTF-8; save the file as UTF-8"
    );
}

#[test]
fn faults_of_the_market_come_with_their_line() {
    let prices = "date,symbol,close,volume\r\n\r\n2024-01-02,KO,1,\r\n\r\n2024-01-02,KO,2,\r\n";
    assert_eq!(
        refusal("prices.csv", prices),
        "prices.csv line 5 does not fit the market: prices row 2: KO on 2024-01-02 stands there \
         twice; keep one of the two rows"
    );
    let header = FOLDER[1].1.lines().next().unwrap();
    let securities = format!("{header}\nKO,\"two\nlines\",S,USD,USD,1\nTM,T,S,USD,USD,0\n");
    assert_eq!(
        refusal("securities.csv", securities),
        "securities.csv line 4 does not fit the market: securities row 2: TM has adr_ratio 0; it \
         must be a finite number above 0"
    );
    assert_eq!(
        refusal("calendar.csv", "date\n2024-01-03\n2024-01-02\n"),
        "calendar.csv line 3 does not fit the market: calendar row 2: session 2024-01-02 does not \
         come after 2024-01-03"
    );
    assert_eq!(
        refusal("calendar.csv", "date\n"),
        "calendar.csv does not fit the market: the calendar is empty: give at least one session"
    );
    assert_eq!(
        refusal("prices.csv", "date,symbol,close,volume\n"),
        "prices.csv does not fit the market: the table prices is empty: a market needs at least \
         one row of it"
    );
    for (name, row, said) in [
        ("prices.csv", "2024-01-02,XX,1,", "prices row 1: XX is not in securities"),
        (
            "prices.csv",
            "2024-01-06,KO,1,",
            "prices row 1: KO on 2024-01-06, which is not a session",
        ),
        ("prices.csv", "2024-01-02,KO,-1,", "prices row 1: KO has close -1; it must be"),
        ("actions.csv", "KO,2024-01-02,split,0", "actions row 1: KO has value 0; it must be"),
        ("fx.csv", "2024-01-02,EUR,0", "fx row 1: EUR has usd_per_unit 0; it must be"),
    ] {
        let header = FOLDER.iter().find(|(file, _)| *file == name).unwrap().1.lines().next();
        let text = refusal(name, format!("{}\n{row}\n", header.unwrap()));
        let start = format!("{name} line 2 does not fit the market: {said}");
        assert!(text.starts_with(&start), "{text}");
    }
}

#[test]
fn writes_into_a_new_or_empty_folder_only() {
    let market = read_folder(folder().path()).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let nested = scratch.path().join("a/b");
    write_folder(&market, &nested).unwrap();
    assert_eq!(read_folder(&nested).unwrap(), market);
    assert!(
        matches!(write_folder(&market, &nested), Err(Error::FolderOccupied { path }) if path == nested)
    );
    let file = nested.join("fx.csv");
    assert!(
        matches!(write_folder(&market, &file), Err(Error::NotAFolder { path }) if path == file)
    );
    let empty = scratch.path().join("empty");
    fs::create_dir(&empty).unwrap();
    write_folder(&market, &empty).unwrap();
    assert_eq!(read_folder(&empty).unwrap(), market);
    let mut left: Vec<_> =
        fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["a", "empty"]); // no scratch folder stays behind
}

#[test]
fn what_the_system_refuses_keeps_its_cause() {
    let folder = folder();
    fs::remove_file(folder.path().join("fx.csv")).unwrap();
    fs::create_dir(folder.path().join("fx.csv")).unwrap();
    let text = message(folder.path());
    assert!(text.starts_with("cannot read fx.csv: "), "{text}");
    assert!(text.len() > "cannot read fx.csv: ".len(), "{text}");
    fs::remove_dir(folder.path().join("fx.csv")).unwrap();
    fs::write(folder.path().join("fx.csv"), FOLDER[6].1).unwrap();
    let market = read_folder(folder.path()).unwrap();
    let error = write_folder(&market, "no\0path").unwrap_err();
    assert!(matches!(&error, Error::Write { .. }) && error.source().is_some(), "{error:?}");
}
