//! The same scores, to the bit, on any number of threads.

use decile_core::Market;
use decile_data::SyntheticMarket;
use decile_factor::{FactorRegistry, Panel};
use decile_rank::{Error, Model};

/// Before it nothing has a momentum of a year.
const FIRST: usize = 260;

#[test]
fn threads_do_not_change_a_bit_of_a_score() {
    let market = SyntheticMarket::default().years(2).generate().expect("valid settings");
    for name in Model::PRESETS {
        one_two_and_seven(&market, name);
    }
}

fn one_two_and_seven(market: &Market, name: &str) {
    let model = Model::preset(name).expect("a preset");
    let model = model.resolve(&FactorRegistry::library()).expect("library factors");
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| {
            let panel = Panel::new(market, &model.fields());
            let all = panel.sessions().len();
            let scores = model.score_all(&panel, FIRST..all).expect("finite factors");
            let row = |row: usize| {
                let numbers = scores.composite(row).iter().chain(scores.q_scores(row));
                let bits = numbers.chain(scores.coverage(row)).map(|value| value.to_bits());
                (
                    bits.collect::<Vec<_>>(),
                    scores.ordinals(row).to_vec(),
                    scores.deciles(row).to_vec(),
                )
            };
            (0..all - FIRST).map(row).collect::<Vec<_>>()
        })
    };
    let one = run(1);
    assert!(one == run(2) && one == run(7), "{name}");
    // Sessions scored one by one are the same to the bit, with every step on the way.
    let panel = Panel::new(market, &model.fields());
    for row in [0, 100, one.len() - 1] {
        let scores = model.score(&panel, panel.sessions()[FIRST + row]).expect("a session");
        let numbers = scores.composite().iter().chain(scores.q_scores()).chain(scores.coverage());
        let bits: Vec<_> = numbers.map(|value| value.to_bits()).collect();
        assert_eq!(bits, one[row].0, "{name}");
        let places = one[row].1.iter().map(|place| place.map(|place| place.get() as usize));
        assert_eq!(scores.ordinals(), places.collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn sessions_appended_one_by_one_are_scored_as_all_at_once() {
    let market = SyntheticMarket::default().years(2).generate().expect("valid settings");
    let sessions = market.calendar().sessions();
    let all = sessions.len();
    let model = Model::preset("q_core").expect("a preset");
    let model = model.resolve(&FactorRegistry::library()).expect("library factors");
    let known = |session: usize| market.known_at(sessions[session]).expect("a market");
    let mut panel = Panel::new(&known(all - 6), &model.fields());
    let mut scores = model.score_all(&panel, FIRST..all - 5).expect("finite factors");
    for session in all - 5..all {
        panel.append(&known(session)).expect("a session more");
        scores.append(&model, &panel).expect("a session more");
    }
    let panel = Panel::new(&market, &model.fields());
    let anew = model.score_all(&panel, FIRST..all).expect("finite factors");
    assert_eq!(scores.sessions(), anew.sessions());
    let bits = |matrix: &[f64]| matrix.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert!(bits(scores.composite_matrix()) == bits(anew.composite_matrix()));
    assert!(bits(scores.q_score_matrix()) == bits(anew.q_score_matrix()));
    assert!(bits(scores.coverage_matrix()) == bits(anew.coverage_matrix()));
    for row in 0..all - FIRST {
        assert_eq!(scores.universe(row), anew.universe(row));
        assert_eq!(scores.ordinals(row), anew.ordinals(row));
        assert_eq!(scores.deciles(row), anew.deciles(row));
    }
    let other = Model::preset("ranks").expect("a preset");
    let other = other.resolve(&FactorRegistry::library()).expect("library factors");
    assert!(matches!(scores.append(&other, &panel), Err(Error::OtherModel { .. })));
}
