//! The same scores, to the bit, on any number of threads.

use decile_data::SyntheticMarket;
use decile_factor::{FactorRegistry, Panel};
use decile_rank::Model;

#[test]
fn threads_do_not_change_a_bit_of_a_score() {
    let market = SyntheticMarket::default().years(3).generate().expect("valid settings");
    let model = Model::preset("q_core").expect("a preset");
    let model = model.resolve(&FactorRegistry::library()).expect("library factors");
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| {
            let panel = Panel::new(&market, &model.fields());
            let all = panel.sessions().len();
            let scores = model.score_all(&panel, 0..all).expect("finite factors");
            let row = |row: usize| {
                let numbers = scores.composite(row).iter().chain(scores.q_scores(row));
                let bits = numbers.chain(scores.coverage(row)).map(|value| value.to_bits());
                (
                    bits.collect::<Vec<_>>(),
                    scores.ordinals(row).to_vec(),
                    scores.deciles(row).to_vec(),
                )
            };
            (0..all).map(row).collect::<Vec<_>>()
        })
    };
    let one = run(1);
    assert!(one == run(2) && one == run(7));
}
