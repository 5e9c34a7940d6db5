//! Tables that are Parquet files are read as their CSV twins are.

use crate::{Error, read_folder};
use decile_core::Market;
use polars::prelude::*;
use std::error::Error as _;
use std::fs::{self, File};
use std::path::Path;
use tempfile::TempDir;

const CSV: [(&str, &str); 8] = [
    ("calendar", "date\n2024-01-02\n2024-01-03\n"),
    (
        "securities",
        "symbol,issuer,sector,trade_ccy,report_ccy,adr_ratio\nKO,Coca-Cola,Staples,USD,USD,1\n\
         TM,Toyota,Autos,USD,JPY,10\n",
    ),
    (
        "prices",
        "date,symbol,close,volume\n2024-01-02,KO,59.82,100\n2024-01-02,TM,183.5,\n\
         2024-01-03,KO,60.06,200\n",
    ),
    ("actions", "symbol,ex_date,kind,value\nKO,2024-01-03,dividend,0.46\nTM,2024-01-03,split,5\n"),
    (
        "fundamentals",
        "symbol,period_end,form,filed,report_time,ccy,net_income,book_equity,shares,retrieved_at\n\
         KO,2023-09-29,10-Q,2023-10-26,pre,USD,3087000000,,4323000000,2023-10-26T12:30:00Z\n\
         TM,2023-12-31,10-K,,,JPY,-1,2,3,\n",
    ),
    (
        "estimates",
        "symbol,asof,fy1_end,fy1,fy2,fy1_90d,fy2_90d,fy1_std,fy2_std,n_analysts,fy2_up30,\
         fy2_down30,rec,rec_30d\nKO,2024-01-02,2024-12-31,2.8,3,,,,,22,1,,,\n",
    ),
    ("fx", "date,ccy,usd_per_unit\n2024-01-02,JPY,0.00705\n"),
    ("membership", "symbol,from,to\nKO,2024-01-02,2024-01-02\nTM,2024-01-02,\n"),
];

fn csv_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (table, text) in CSV {
        fs::write(folder.path().join(format!("{table}.csv")), text).unwrap();
    }
    folder
}

/// Puts a Parquet file in the place of a table.
fn replace(folder: &Path, table: &str, mut frame: DataFrame) {
    fs::remove_file(folder.join(format!("{table}.csv"))).unwrap();
    let file = File::create(folder.join(format!("{table}.parquet"))).unwrap();
    ParquetWriter::new(file).finish(&mut frame).unwrap();
}

fn cast(frame: DataFrame, column: &str, dtype: &DataType) -> DataFrame {
    let cast = frame.column(column).unwrap().cast(dtype).unwrap();
    frame.clone().with_column(cast).unwrap().clone()
}

/// Days since 1970-01-01.
fn days(date: &str) -> i32 {
    date.parse::<chrono::NaiveDate>().unwrap().to_epoch_days()
}

fn milliseconds(date: &str) -> i64 {
    i64::from(days(date)) * 86_400_000
}

fn datetime(unit: TimeUnit) -> DataType {
    DataType::Datetime(unit, None)
}

/// Dates as `Date`, volumes as integers.
fn prices() -> DataFrame {
    let dates = [days("2024-01-02"), days("2024-01-02"), days("2024-01-03")];
    let frame = df!(
        "volume" => [Some(100_i64), None, Some(200)],
        "symbol" => ["KO", "TM", "KO"],
        "close" => [59.82, 183.5, 60.06],
        "date" => dates,
        "adjusted" => [true, false, true],
    );
    cast(frame.unwrap(), "date", &DataType::Date)
}

/// Counts as floats and small integers, a column that is null throughout.
fn estimates() -> DataFrame {
    let missing = [None::<f64>];
    let frame = df!(
        "symbol" => ["KO"], "asof" => ["2024-01-02"], "fy1_end" => ["2024-12-31"],
        "fy1" => [2.8], "fy2" => [3_i64], "fy1_90d" => missing, "fy2_90d" => missing,
        "fy1_std" => missing, "fy2_std" => missing, "n_analysts" => [22.0], "fy2_up30" => [1_i32],
        "fy2_down30" => [None::<i32>], "rec" => missing, "rec_30d" => missing,
    );
    let frame = cast(frame.unwrap(), "fy2_up30", &DataType::UInt8);
    cast(frame, "rec", &DataType::Null)
}

/// Dates as instants at midnight, empty texts for missing words.
fn fundamentals() -> DataFrame {
    let period_ends = [milliseconds("2023-09-29"), milliseconds("2023-12-31")];
    let frame = df!(
        "symbol" => ["KO", "TM"],
        "period_end" => period_ends,
        "form" => ["10-Q", "10-K"],
        "filed" => [Some(milliseconds("2023-10-26")), None],
        "report_time" => ["pre", ""],
        "ccy" => ["USD", "JPY"],
        "net_income" => [3_087_000_000_i64, -1],
        "book_equity" => [None, Some(2.0_f32)],
        "shares" => [4.323e9, 3.0],
        "retrieved_at" => [Some(milliseconds("2023-10-26") + 45_000_000), None],
    );
    let frame = cast(frame.unwrap(), "period_end", &datetime(TimeUnit::Milliseconds));
    let frame = cast(frame, "filed", &datetime(TimeUnit::Milliseconds));
    let frame = cast(frame, "filed", &datetime(TimeUnit::Nanoseconds));
    let frame = cast(frame, "retrieved_at", &datetime(TimeUnit::Milliseconds));
    cast(frame, "retrieved_at", &datetime(TimeUnit::Microseconds))
}

#[test]
fn parquet_tables_read_as_their_csv_twins() {
    let folder = csv_folder();
    let expected = read_folder(folder.path()).unwrap();
    let words = df!(
        "symbol" => ["KO", "TM"], "issuer" => ["Coca-Cola", "Toyota"],
        "sector" => ["Staples", "Autos"], "trade_ccy" => ["USD", "USD"],
        "report_ccy" => ["USD", "JPY"], "adr_ratio" => [1_i32, 10],
    );
    let words = cast(words.unwrap(), "sector", &DataType::from_categories(Categories::global()));
    let actions = df!(
        "symbol" => ["KO", "TM"], "ex_date" => ["2024-01-03", "2024-01-03"],
        "kind" => ["dividend", "split"], "value" => [0.46, 5.0],
    );
    let fx = df!("date" => ["2024-01-02"], "ccy" => ["JPY"], "usd_per_unit" => [0.00705]);
    let membership = df!(
        "symbol" => ["KO", "TM"], "from" => ["2024-01-02", "2024-01-02"],
        "to" => [Some("2024-01-02"), None],
    );
    let tables = [
        ("calendar", df!("date" => ["2024-01-02", "2024-01-03"]).unwrap()),
        ("securities", words),
        ("prices", prices()),
        ("actions", actions.unwrap()),
        ("fundamentals", fundamentals()),
        ("estimates", estimates()),
        ("fx", fx.unwrap()),
        ("membership", membership.unwrap()),
    ];
    for (table, frame) in tables {
        replace(folder.path(), table, frame);
        let market: Market = read_folder(folder.path()).unwrap();
        assert_eq!(market, expected, "with {table}.parquet");
    }
}

/// Returns what is said of a folder with one table replaced, and of its cause.
fn refusal(table: &str, frame: DataFrame) -> String {
    let folder = csv_folder();
    replace(folder.path(), table, frame);
    let error = read_folder(folder.path()).unwrap_err();
    let cause = error.source().map_or_else(String::new, |cause| format!(": {cause}"));
    format!("{error}{cause}").replace(&format!("{}/", folder.path().display()), "")
}

fn with(frame: DataFrame, column: Column) -> DataFrame {
    frame.clone().with_column(column).unwrap().clone()
}

#[test]
fn faults_name_file_row_and_column() {
    let closes = Column::new("close".into(), [59.82, f64::NAN, 60.06]);
    assert_eq!(
        refusal("prices", with(prices(), closes)),
        "prices.parquet row 2, column close of TM: found NaN; write a finite number such as 82.39"
    );
    let late = [1, 1, 1].map(|hour| milliseconds("2024-01-02") + hour * 3_600_000);
    let dates = Column::new("date".into(), late).cast(&datetime(TimeUnit::Milliseconds)).unwrap();
    assert_eq!(
        refusal("prices", with(prices(), dates)),
        "prices.parquet row 1, column date of KO: found 2024-01-02 01:00:00 UTC; write a date such \
         as 2024-01-31"
    );
    let analysts = Column::new("n_analysts".into(), [2.5]);
    assert_eq!(
        refusal("estimates", with(estimates(), analysts)),
        "estimates.parquet row 1, column n_analysts of KO: found 2.5; write a whole number, 0 or \
         above, or leave it empty"
    );
    let volumes = Column::new("volume".into(), [true, false, true]);
    assert_eq!(
        refusal("prices", with(prices(), volumes)),
        "prices.parquet has a column volume of type bool: store text, numbers or dates in it"
    );
    assert_eq!(
        refusal("fx", df!("date" => ["2024-01-02"], "ccy" => ["JPY"]).unwrap()),
        "fx.parquet has no column usd_per_unit: add it (its header is \"date,ccy\")"
    );
    let closes = Column::new("close".into(), [59.82, 183.5, -1.0]);
    assert_eq!(
        refusal("prices", with(prices(), closes)),
        "prices.parquet row 3 does not fit the market: prices row 3: KO has close -1; it must be a \
         finite number above 0"
    );
}

#[test]
fn what_is_not_parquet_is_refused() {
    let folder = csv_folder();
    fs::rename(folder.path().join("fx.csv"), folder.path().join("fx.parquet")).unwrap();
    let error = read_folder(folder.path()).unwrap_err();
    assert!(
        matches!(&error, Error::Parquet { path, .. } if path.ends_with("fx.parquet")),
        "{error}"
    );
    assert!(error.source().is_some());
}
