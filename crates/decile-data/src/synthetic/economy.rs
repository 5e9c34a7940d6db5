//! The latent signal of a company and the monthly course of its business, which follows it.

use super::character::Character;
use super::draws::{Draws, Purpose};
use super::span::{Schedule, Span};

/// What is left of the signal after a month: 0.5^(1/6), so half of it after two quarters.
const PERSISTENCE: f64 = 0.890_898_718_140_339_3;
/// Growth of revenue a month per standard deviation of the signal.
const GROWTH_PER_SIGNAL: f64 = 0.012;
/// Part of the margin gained per standard deviation of the signal.
const MARGIN_PER_SIGNAL: f64 = 0.3;
/// Part of the way to the true signal that analysts go in a month. They are slow, so the direction
/// in which they revise tells of the signal's height.
const ANALYSTS_PACE: f64 = 0.2;
/// What is left after a month of the analysts' common error, and its size.
const ERROR_PERSISTENCE: f64 = 0.9;
const ERROR_SIZE: f64 = 0.02;

/// Monthly series, from before the first filing to the month of the last session.
#[derive(Debug)]
pub(super) struct Economy {
    /// The signal: mean 0, standard deviation 1, the only thing that `planted_alpha` pays for.
    pub(super) signal: Vec<f64>,
    /// Revenue a year.
    pub(super) revenue: Vec<f64>,
    /// Net income per revenue.
    pub(super) margin: Vec<f64>,
    /// Net income a year as the analysts see it.
    pub(super) consensus: Vec<f64>,
}

impl Economy {
    pub(super) fn draw(
        character: &Character,
        schedule: &Schedule,
        span: &Span,
        source: Source,
    ) -> Self {
        let signal = autoregression(&mut source.draws(Purpose::Signal), PERSISTENCE, span.months());
        let revenue =
            revenue(character, schedule, span, &signal, &mut source.draws(Purpose::Economy));
        let earned =
            |signal: f64| character.margin + character.margin.abs() * MARGIN_PER_SIGNAL * signal;
        let margin = signal.iter().map(|signal| earned(*signal)).collect();
        let mut consensus = source.draws(Purpose::Consensus);
        let errors = autoregression(&mut consensus, ERROR_PERSISTENCE, span.months());
        let views = followed(&signal, ANALYSTS_PACE);
        let consensus = (revenue.iter().zip(views).zip(errors))
            .map(|((revenue, view), error)| revenue * earned(view) * (1.0 + ERROR_SIZE * error))
            .collect();
        Self { signal, revenue, margin, consensus }
    }
}

/// Where a company's random numbers come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    pub(super) seed: u64,
    pub(super) index: usize,
}

impl Source {
    pub(super) fn draws(self, purpose: Purpose) -> Draws {
        Draws::new(self.seed, purpose, self.index)
    }
}

/// Draws a series with variance 1 of which this part is left after one step.
fn autoregression(draws: &mut Draws, persistence: f64, count: usize) -> Vec<f64> {
    let fresh = (1.0 - persistence * persistence).sqrt();
    let mut level = draws.normal();
    let steps = (0..count).map(|_| {
        level = persistence * level + fresh * draws.normal();
        level
    });
    steps.collect()
}

/// Follows a series, going part of the way to it at each step.
fn followed(series: &[f64], pace: f64) -> Vec<f64> {
    let mut level = 0.0;
    let steps = series.iter().map(|target| {
        level += pace * (target - level);
        level
    });
    steps.collect()
}

fn revenue(
    character: &Character,
    schedule: &Schedule,
    span: &Span,
    signal: &[f64],
    draws: &mut Draws,
) -> Vec<f64> {
    let growth = character.growth / 12.0;
    let mut level = character.income / character.margin;
    // Back from the first session, where income is in proportion to the price, to the first month.
    (0..span.month(span.first())).for_each(|_| level /= 1.0 + growth);
    let parted = schedule.spinoff.map(|(at, share)| (span.month(span.sessions[at]), share));
    let steps = signal.iter().enumerate().map(|(month, signal)| {
        level *= 1.0 + growth + GROWTH_PER_SIGNAL * signal + 0.004 * draws.normal();
        if let Some((_, share)) = parted.filter(|(at, _)| *at == month) {
            level *= 1.0 - share;
        }
        level
    });
    steps.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_signal_is_left_after_two_quarters() {
        let six_months = (0..6).fold(1.0, |left, _| left * PERSISTENCE);
        assert!((six_months - 0.5_f64).abs() < 1e-12, "{six_months}");
    }

    #[test]
    fn an_autoregression_has_its_variance_and_persistence() {
        let mut draws = Draws::new(1, Purpose::Signal, 0);
        let series = autoregression(&mut draws, PERSISTENCE, 200_000);
        let count = series.len() as f64;
        let variance = series.iter().map(|v| v * v).sum::<f64>() / count;
        let product = series.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / count;
        // 200,000 steps with a correlation time of 9 are some 20,000 independent ones: 1 % or so.
        assert!((variance - 1.0).abs() < 0.04, "{variance}");
        assert!((product / variance - PERSISTENCE).abs() < 0.005, "{product}");
    }

    #[test]
    fn a_follower_goes_part_of_the_way() {
        assert_eq!(followed(&[1.0, 1.0, 0.0], 0.5), [0.5, 0.75, 0.375]);
    }
}
