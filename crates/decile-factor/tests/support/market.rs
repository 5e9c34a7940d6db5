//! A market with everything that factors have to get along with.

use chrono::NaiveDate;
use decile_core::{Currency, FxRate, Market, Membership, Security};
use decile_data::SyntheticMarket;

/// The synthetic market, with one stock that reports in another currency behind a depositary
/// receipt, two that are classes of one company, and two that belong to the universe for a part of
/// the time.
pub(crate) fn market() -> Market {
    let market = SyntheticMarket::default().years(3).generate().expect("the defaults are valid");
    let calendar = market.calendar().clone();
    let mut tables = market.tables();
    let pound: Currency = "GBP".parse().expect("a currency");
    let foreign = tables.securities[4].symbol.clone();
    tables.securities[4].report_currency = pound;
    tables.securities[4].adr_ratio = 4.0;
    for filing in tables.filings.iter_mut().filter(|filing| filing.symbol == foreign) {
        filing.currency = pound;
    }
    let classes = [14, 15].map(|index| {
        tables.securities[index].issuer = "Two Classes".into();
        tables.securities[index].symbol.clone()
    });
    for filing in tables.filings.iter_mut().filter(|filing| classes.contains(&filing.symbol)) {
        // One class is told apart from the other from half-way on only.
        let told = filing.symbol == classes[0] || filing.period_end > calendar.sessions()[400];
        filing.class_shares = filing.shares.filter(|_| told);
    }
    // A rate every third session, the first after a while.
    let rates = calendar.sessions().iter().skip(40).step_by(3).zip(1..);
    let rate = |(date, step): (&NaiveDate, u32)| FxRate {
        date: *date,
        currency: pound,
        usd_per_unit: 1.2 + f64::from(step % 17) / 100.0,
    };
    tables.fx = rates.map(rate).collect();
    let sessions = calendar.sessions();
    let span = |(index, security): (usize, &Security)| Membership {
        symbol: security.symbol.clone(),
        from: if index == 7 { sessions[300] } else { calendar.first() },
        to: (index == 9).then_some(sessions[500]),
    };
    tables.membership = Some(tables.securities.iter().enumerate().map(span).collect());
    Market::new(calendar, tables).expect("still a market")
}
