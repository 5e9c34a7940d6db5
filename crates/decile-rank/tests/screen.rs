//! A stock whose price is not to be believed is not ranked, and the ranking says why.

use decile_core::Market;
use decile_data::SyntheticMarket;
use decile_factor::{FactorRegistry, Panel, Screen};
use decile_rank::{Exclusion, Model, Remark};

#[test]
fn a_stock_that_jumped_is_kept_out_and_its_peers_are_scored_as_if_it_were_not_there() {
    let market = SyntheticMarket::default().years(2).generate().expect("valid settings");
    let sessions = market.calendar().sessions();
    let (date, as_of) = (sessions[480], sessions[490]);
    let mut tables = market.tables();
    let symbol = tables.securities[3].symbol.clone();
    for (_, bar) in tables.prices.iter_mut().filter(|(s, bar)| *s == symbol && bar.date >= date) {
        // A split that nobody recorded.
        bar.close /= 2.0;
        (bar.open, bar.high, bar.low) = (None, None, None);
    }
    let market = Market::new(market.calendar().clone(), tables).expect("a market");
    let model = Model::preset("q_core").expect("a preset");
    let model = model.resolve(&FactorRegistry::plausible()).expect("library factors");
    let panel = Panel::new(&market, &model.fields());
    let ranked = |panel: &Panel| model.score(panel, as_of).expect("a session").rank();

    let believed = ranked(&panel);
    assert!(believed.get(&symbol).expect("listed").is_eligible());
    let panel = panel.screened(&Screen::default()).expect("the index is held");
    let ranking = ranked(&panel);
    let stock = ranking.get(&symbol).expect("listed");
    assert_eq!((stock.rank, stock.composite), (None, None));
    let Some(Exclusion::Quarantined { since, change }) = stock.exclusion else {
        panic!("{:?}", stock.exclusion);
    };
    assert!(since == date && (-0.6..-0.4).contains(&change), "{since} {change}");
    let told = ranking.remarks().iter().any(|remark| {
        matches!(remark, Remark::Implausible { findings } if findings[0].contains(symbol.as_str()))
    });
    assert!(told, "{:?}", ranking.remarks());
    assert_eq!(ranking.eligible(), believed.eligible() - 1);
    // Its 50 % fall is in nobody's mean any more.
    let others = |ranking: &decile_rank::Ranking| {
        let stock = ranking.iter().find(|stock| stock.symbol != symbol && stock.is_eligible());
        stock.and_then(|stock| stock.factors.iter().find(|f| f.name == "rev_1m")?.z)
    };
    assert_ne!(others(&ranking), others(&believed));
}
