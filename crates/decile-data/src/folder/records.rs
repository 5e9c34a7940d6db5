//! What the rows of each table are: their columns, how they are read and how they are written.

use super::kind::{
    ACTION, COUNT, CURRENCY, DATE, FORM, INSTANT, NUMBER, REPORT_TIME, SYMBOL, TEXT,
};
use super::row::{Fault, Row};
use super::schema::{Column, Slot, optional, required};
use super::writer::RowWriter;
use chrono::NaiveDate;
use decile_core::{
    Bar, BenchmarkClose, CorporateAction, EstimateSnapshot, Filing, FxRate, Membership, Security,
    Symbol, Table,
};

/// A row of the table `TABLE`, which has `N` columns.
///
/// The order of `COLUMNS` is that of the slots in `read` and of the fields in `write`.
pub(super) trait Record<const N: usize>: Sized {
    const TABLE: Table;
    const COLUMNS: [Column; N];

    fn read(row: &Row<'_>, slots: [Slot; N]) -> Result<Self, Fault>;
    fn write(&self, row: &mut RowWriter);
}

/// A session of the calendar.
impl Record<1> for NaiveDate {
    const TABLE: Table = Table::Calendar;
    const COLUMNS: [Column; 1] = [required("date")];

    fn read(row: &Row<'_>, [date]: [Slot; 1]) -> Result<Self, Fault> {
        row.required(date, DATE)
    }

    fn write(&self, row: &mut RowWriter) {
        row.display(self);
    }
}

impl Record<6> for Security {
    const TABLE: Table = Table::Securities;
    const COLUMNS: [Column; 6] = [
        required("symbol"),
        required("issuer"),
        required("sector"),
        required("trade_ccy"),
        required("report_ccy"),
        required("adr_ratio"),
    ];

    fn read(row: &Row<'_>, slots: [Slot; 6]) -> Result<Self, Fault> {
        let [symbol, issuer, sector, trade_currency, report_currency, adr_ratio] = slots;
        Ok(Self {
            symbol: row.required(symbol, SYMBOL)?,
            issuer: row.required(issuer, TEXT)?.into(),
            sector: row.required(sector, TEXT)?.into(),
            trade_currency: row.required(trade_currency, CURRENCY)?,
            report_currency: row.required(report_currency, CURRENCY)?,
            adr_ratio: row.required(adr_ratio, NUMBER)?,
        })
    }

    fn write(&self, row: &mut RowWriter) {
        row.display(&self.symbol);
        row.display(&self.issuer);
        row.display(&self.sector);
        row.display(self.trade_currency);
        row.display(self.report_currency);
        row.display(self.adr_ratio);
    }
}

impl Record<7> for (Symbol, Bar) {
    const TABLE: Table = Table::Prices;
    const COLUMNS: [Column; 7] = [
        required("date"),
        required("symbol"),
        optional("open"),
        optional("high"),
        optional("low"),
        required("close"),
        required("volume"),
    ];

    fn read(row: &Row<'_>, slots: [Slot; 7]) -> Result<Self, Fault> {
        let [date, symbol, open, high, low, close, volume] = slots;
        let bar = Bar {
            date: row.required(date, DATE)?,
            open: row.optional(open, NUMBER)?,
            high: row.optional(high, NUMBER)?,
            low: row.optional(low, NUMBER)?,
            close: row.required(close, NUMBER)?,
            volume: row.optional(volume, NUMBER)?,
        };
        Ok((row.required(symbol, SYMBOL)?, bar))
    }

    fn write(&self, row: &mut RowWriter) {
        let (symbol, bar) = self;
        row.display(bar.date);
        row.display(symbol);
        row.maybe(bar.open);
        row.maybe(bar.high);
        row.maybe(bar.low);
        row.display(bar.close);
        row.maybe(bar.volume);
    }
}

impl Record<4> for CorporateAction {
    const TABLE: Table = Table::Actions;
    const COLUMNS: [Column; 4] =
        [required("symbol"), required("ex_date"), required("kind"), required("value")];

    fn read(row: &Row<'_>, [symbol, ex_date, kind, value]: [Slot; 4]) -> Result<Self, Fault> {
        Ok(Self {
            symbol: row.required(symbol, SYMBOL)?,
            ex_date: row.required(ex_date, DATE)?,
            kind: row.required(kind, ACTION)?,
            value: row.required(value, NUMBER)?,
        })
    }

    fn write(&self, row: &mut RowWriter) {
        row.display(&self.symbol);
        row.display(self.ex_date);
        row.display(self.kind);
        row.display(self.value);
    }
}

impl Record<17> for Filing {
    const TABLE: Table = Table::Fundamentals;
    const COLUMNS: [Column; 17] = [
        required("symbol"),
        required("period_end"),
        required("form"),
        required("filed"),
        required("report_time"),
        required("ccy"),
        required("net_income"),
        required("book_equity"),
        required("shares"),
        optional("class_shares"),
        optional("revenue"),
        optional("gross_profit"),
        optional("total_assets"),
        optional("operating_cash_flow"),
        optional("dividends_paid"),
        optional("source"),
        optional("retrieved_at"),
    ];

    fn read(row: &Row<'_>, slots: [Slot; 17]) -> Result<Self, Fault> {
        let [symbol, period_end, form, filed, report_time, currency, amounts @ ..] = slots;
        let [net_income, book_equity, shares, class_shares, amounts @ ..] = amounts;
        let [revenue, gross_profit, total_assets, operating_cash_flow, paid, origin @ ..] = amounts;
        let [source, retrieved_at] = origin;
        let symbol = row.required(symbol, SYMBOL)?;
        let period_end = row.required(period_end, DATE)?;
        let mut filing = Self::new(symbol, period_end, row.required(form, FORM)?);
        filing.filed = row.optional(filed, DATE)?;
        filing.report_time = row.optional(report_time, REPORT_TIME)?.unwrap_or_default();
        filing.currency = row.required(currency, CURRENCY)?;
        filing.net_income = row.optional(net_income, NUMBER)?;
        filing.book_equity = row.optional(book_equity, NUMBER)?;
        filing.shares = row.optional(shares, NUMBER)?;
        filing.class_shares = row.optional(class_shares, NUMBER)?;
        filing.revenue = row.optional(revenue, NUMBER)?;
        filing.gross_profit = row.optional(gross_profit, NUMBER)?;
        filing.total_assets = row.optional(total_assets, NUMBER)?;
        filing.operating_cash_flow = row.optional(operating_cash_flow, NUMBER)?;
        filing.dividends_paid = row.optional(paid, NUMBER)?;
        filing.source = row.optional(source, TEXT)?.unwrap_or_default().into();
        filing.retrieved_at = row.optional(retrieved_at, INSTANT)?;
        Ok(filing)
    }

    fn write(&self, row: &mut RowWriter) {
        row.display(&self.symbol);
        row.display(self.period_end);
        row.display(&self.form);
        row.maybe(self.filed);
        row.report_time(self.report_time);
        row.display(self.currency);
        row.maybe(self.net_income);
        row.maybe(self.book_equity);
        row.maybe(self.shares);
        row.maybe(self.class_shares);
        row.maybe(self.revenue);
        row.maybe(self.gross_profit);
        row.maybe(self.total_assets);
        row.maybe(self.operating_cash_flow);
        row.maybe(self.dividends_paid);
        row.display(&self.source);
        row.instant(self.retrieved_at);
    }
}

impl Record<19> for EstimateSnapshot {
    const TABLE: Table = Table::Estimates;
    const COLUMNS: [Column; 19] = [
        required("symbol"),
        required("asof"),
        required("fy1_end"),
        required("fy1"),
        required("fy2"),
        required("fy1_90d"),
        required("fy2_90d"),
        required("fy1_std"),
        required("fy2_std"),
        required("n_analysts"),
        required("fy2_up30"),
        required("fy2_down30"),
        required("rec"),
        required("rec_30d"),
        optional("n_rec"),
        optional("fy1_high"),
        optional("fy1_low"),
        optional("fy2_high"),
        optional("fy2_low"),
    ];

    fn read(row: &Row<'_>, slots: [Slot; 19]) -> Result<Self, Fault> {
        let [symbol, as_of, fy1_end, numbers @ ..] = slots;
        let [fy1, fy2, fy1_90d, fy2_90d, fy1_std, fy2_std, analysts @ ..] = numbers;
        let [analysts, up, down, recommendation, recommendation_30d, counts @ ..] = analysts;
        let [recommending, fy1_high, fy1_low, fy2_high, fy2_low] = counts;
        let symbol = row.required(symbol, SYMBOL)?;
        let as_of = row.required(as_of, DATE)?;
        let mut snapshot = Self::new(symbol, as_of, row.required(fy1_end, DATE)?);
        snapshot.fy1 = row.optional(fy1, NUMBER)?;
        snapshot.fy2 = row.optional(fy2, NUMBER)?;
        snapshot.fy1_90d = row.optional(fy1_90d, NUMBER)?;
        snapshot.fy2_90d = row.optional(fy2_90d, NUMBER)?;
        snapshot.fy1_std = row.optional(fy1_std, NUMBER)?;
        snapshot.fy2_std = row.optional(fy2_std, NUMBER)?;
        snapshot.analysts = row.optional(analysts, COUNT)?;
        snapshot.fy2_up_30d = row.optional(up, COUNT)?;
        snapshot.fy2_down_30d = row.optional(down, COUNT)?;
        snapshot.recommendation = row.optional(recommendation, NUMBER)?;
        snapshot.recommendation_30d = row.optional(recommendation_30d, NUMBER)?;
        snapshot.recommending = row.optional(recommending, COUNT)?;
        snapshot.fy1_high = row.optional(fy1_high, NUMBER)?;
        snapshot.fy1_low = row.optional(fy1_low, NUMBER)?;
        snapshot.fy2_high = row.optional(fy2_high, NUMBER)?;
        snapshot.fy2_low = row.optional(fy2_low, NUMBER)?;
        Ok(snapshot)
    }

    fn write(&self, row: &mut RowWriter) {
        row.display(&self.symbol);
        row.display(self.as_of);
        row.display(self.fy1_end);
        row.maybe(self.fy1);
        row.maybe(self.fy2);
        row.maybe(self.fy1_90d);
        row.maybe(self.fy2_90d);
        row.maybe(self.fy1_std);
        row.maybe(self.fy2_std);
        row.maybe(self.analysts);
        row.maybe(self.fy2_up_30d);
        row.maybe(self.fy2_down_30d);
        row.maybe(self.recommendation);
        row.maybe(self.recommendation_30d);
        row.maybe(self.recommending);
        row.maybe(self.fy1_high);
        row.maybe(self.fy1_low);
        row.maybe(self.fy2_high);
        row.maybe(self.fy2_low);
    }
}

impl Record<3> for FxRate {
    const TABLE: Table = Table::Fx;
    const COLUMNS: [Column; 3] = [required("date"), required("ccy"), required("usd_per_unit")];

    fn read(row: &Row<'_>, [date, currency, usd_per_unit]: [Slot; 3]) -> Result<Self, Fault> {
        Ok(Self {
            date: row.required(date, DATE)?,
            currency: row.required(currency, CURRENCY)?,
            usd_per_unit: row.required(usd_per_unit, NUMBER)?,
        })
    }

    fn write(&self, row: &mut RowWriter) {
        row.display(self.date);
        row.display(self.currency);
        row.display(self.usd_per_unit);
    }
}

impl Record<3> for Membership {
    const TABLE: Table = Table::Membership;
    const COLUMNS: [Column; 3] = [required("symbol"), required("from"), required("to")];

    fn read(row: &Row<'_>, [symbol, from, to]: [Slot; 3]) -> Result<Self, Fault> {
        Ok(Self {
            symbol: row.required(symbol, SYMBOL)?,
            from: row.required(from, DATE)?,
            to: row.optional(to, DATE)?,
        })
    }

    fn write(&self, row: &mut RowWriter) {
        row.display(&self.symbol);
        row.display(self.from);
        row.maybe(self.to);
    }
}

impl Record<2> for BenchmarkClose {
    const TABLE: Table = Table::Benchmark;
    const COLUMNS: [Column; 2] = [required("date"), required("close")];

    fn read(row: &Row<'_>, [date, close]: [Slot; 2]) -> Result<Self, Fault> {
        Ok(Self { date: row.required(date, DATE)?, close: row.required(close, NUMBER)? })
    }

    fn write(&self, row: &mut RowWriter) {
        row.display(self.date);
        row.display(self.close);
    }
}
