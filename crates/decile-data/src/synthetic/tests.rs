use super::*;

fn lives(market: &SyntheticMarket) -> (Span, Vec<Life>) {
    let span = market.span().unwrap();
    let shocks = Shocks::draw(market.seed, span.sessions.len());
    let companies = COMPANIES.iter().enumerate();
    let lives = companies.map(|(index, company)| market.life(company, index, &shocks, &span));
    let lives = lives.collect();
    (span, lives)
}

#[test]
fn the_planted_alpha_is_what_the_signal_of_the_month_before_earns() {
    let plain = SyntheticMarket::default();
    let (span, without) = lives(&plain);
    let (_, with) = lives(&plain.planted_alpha(0.021));
    for ((index, company), (without, with)) in
        COMPANIES.iter().enumerate().zip(without.iter().zip(&with))
    {
        let source = Source { seed: 1, index };
        let character = Character::draw(company, source);
        let economy = Economy::draw(&character, &Schedule::new(company, &span), &span, source);
        for ((session, plain), (_, planted)) in without.path.returns.iter().zip(&with.path.returns)
        {
            let before = span.sessions[*session] - Months::new(1);
            let expected = 0.001 * economy.signal[span.month(before)];
            assert!((planted - plain - expected).abs() < 1e-12, "{} {session}", company.symbol);
        }
    }
}

#[test]
fn planting_alpha_leaves_businesses_and_estimates_alone() {
    let (_, without) = lives(&SyntheticMarket::default());
    let (_, with) = lives(&SyntheticMarket::default().planted_alpha(0.02));
    for (without, with) in without.iter().zip(&with) {
        let earned = |life: &Life| -> Vec<_> {
            life.filings.iter().map(|row| (row.period_end, row.filed, row.net_income)).collect()
        };
        assert_eq!(earned(without), earned(with), "{}", without.symbol);
        let revised = |life: &Life| -> Vec<_> {
            let rows = life.estimates.iter();
            rows.map(|row| (row.as_of, row.fy1_end, row.analysts, row.fy2.is_some())).collect()
        };
        assert_eq!(revised(without), revised(with), "{}", without.symbol);
    }
}

#[test]
fn every_stock_is_of_a_known_sector_and_every_sector_has_one() {
    for company in &COMPANIES {
        assert!(SECTORS.contains(&company.sector), "{}", company.symbol);
    }
    for sector in SECTORS {
        assert!(COMPANIES.iter().any(|company| company.sector == sector), "{sector}");
    }
}
