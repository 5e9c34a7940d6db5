//! The same scores, to the bit, on any number of threads.

use decile_core::Market;
use decile_data::SyntheticMarket;
use decile_factor::{FactorRegistry, Panel};
use decile_rank::Model;

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
