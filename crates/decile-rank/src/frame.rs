//! Scores and rankings as polars data frames (feature `polars`).

use crate::{Error, Ranking, ScorePanel, Scores};
use decile_factor::frame::{keys, numbers};
use polars::prelude::*;

impl Ranking {
    /// Returns the ranking as a frame, best first, one row per stock: `date`, `symbol`, `sector`,
    /// `rank`, `q_score`, `decile`, `composite`, `coverage`, a column per group (`g_value` …), per
    /// factor its value, z-score and contribution (`bm`, `z_bm`, `c_bm` …), `price`, `market_cap`,
    /// `price_to_earnings` and `exclusion` (String). Missing is null.
    ///
    /// # Errors
    /// [`Error::Factor`] if polars refuses it.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let stocks = || self.iter();
        let dates = stocks().map(|_| self.as_of());
        let known = |value: Option<f64>| value.unwrap_or(f64::NAN);
        let mut columns = vec![
            DateChunked::from_naive_date("date".into(), dates).into_column(),
            text("symbol", stocks().map(|stock| Some(stock.symbol.to_string()))),
            text("sector", stocks().map(|stock| Some(stock.sector.to_string()))),
            counts("rank", stocks().map(|stock| stock.rank)),
            numbers("q_score", stocks().map(|stock| known(stock.q_score))),
            counts("decile", stocks().map(|stock| stock.decile.map(usize::from))),
            numbers("composite", stocks().map(|stock| known(stock.composite))),
            numbers("coverage", stocks().map(|stock| stock.coverage)),
        ];
        let first = stocks().next();
        for (index, group) in first.into_iter().flat_map(|stock| stock.groups.iter().enumerate()) {
            let scores = stocks().map(|stock| known(stock.groups[index].score));
            columns.push(numbers(&format!("g_{}", group.name), scores));
        }
        for (index, factor) in first.into_iter().flat_map(|stock| stock.factors.iter().enumerate())
        {
            let name = &factor.name;
            let of = |stock: &crate::RankedStock| stock.factors[index].clone();
            columns.push(numbers(name, stocks().map(|stock| known(of(stock).value))));
            columns.push(numbers(&format!("z_{name}"), stocks().map(|stock| known(of(stock).z))));
            let contributions = stocks().map(|stock| of(stock).contribution);
            columns.push(numbers(&format!("c_{name}"), contributions));
        }
        columns.push(numbers("price", stocks().map(|stock| known(stock.price))));
        columns.push(numbers("market_cap", stocks().map(|stock| known(stock.market_cap))));
        let ratios = stocks().map(|stock| known(stock.price_to_earnings));
        columns.push(numbers("price_to_earnings", ratios));
        let reasons = stocks().map(|stock| stock.exclusion.as_ref().map(ToString::to_string));
        columns.push(text("exclusion", reasons));
        frame(columns)
    }
}

impl Scores {
    /// Returns the scores as a long frame: `date`, `symbol`, per factor its value and z-score,
    /// per group its score (`g_…`), `coverage`, `composite`, `q_score`, `ordinal`, `decile`.
    ///
    /// # Errors
    /// [`Error::Factor`] if polars refuses it.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let mut columns = keys(&[self.as_of()], self.symbols());
        let copied = |values: Option<&[f64]>| values.unwrap_or_default().to_vec();
        for name in self.model().factor_names() {
            columns.push(numbers(name, copied(self.factor_values(name))));
            columns.push(numbers(&format!("z_{name}"), copied(self.factor_z(name))));
        }
        for group in self.model().groups() {
            let scores = copied(self.group_scores(&group.name));
            columns.push(numbers(&format!("g_{}", group.name), scores));
        }
        columns.push(numbers("coverage", self.coverage().iter().copied()));
        columns.push(numbers("composite", self.composite().iter().copied()));
        columns.push(numbers("q_score", self.q_scores().iter().copied()));
        columns.push(counts("ordinal", self.ordinals().iter().copied()));
        let deciles = self.deciles().iter().map(|decile| decile.map(usize::from));
        columns.push(counts("decile", deciles));
        frame(columns)
    }
}

impl ScorePanel {
    /// Returns the results as a long frame: `date`, `symbol`, `coverage`, `composite`, `q_score`,
    /// `ordinal`, `decile`.
    ///
    /// # Errors
    /// [`Error::Factor`] if polars refuses it.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let rows = || 0..self.sessions().len();
        let mut columns = keys(self.sessions(), self.symbols());
        let coverage = rows().flat_map(|row| self.coverage(row).iter().copied());
        columns.push(numbers("coverage", coverage));
        let composite = rows().flat_map(|row| self.composite(row).iter().copied());
        columns.push(numbers("composite", composite));
        let q_scores = rows().flat_map(|row| self.q_scores(row).iter().copied());
        columns.push(numbers("q_score", q_scores));
        let ordinals = rows().flat_map(|row| self.ordinals(row));
        columns
            .push(counts("ordinal", ordinals.map(|place| place.map(|place| place.get() as usize))));
        let deciles = rows().flat_map(|row| self.deciles(row));
        columns.push(counts("decile", deciles.map(|place| place.map(|place| place.get().into()))));
        frame(columns)
    }
}

fn text(name: &str, values: impl Iterator<Item = Option<String>>) -> Column {
    values.collect::<StringChunked>().with_name(name.into()).into_column()
}

fn counts(name: &str, values: impl Iterator<Item = Option<usize>>) -> Column {
    let small = values.map(|value| value.and_then(|count| u32::try_from(count).ok()));
    small.collect::<UInt32Chunked>().with_name(name.into()).into_column()
}

fn frame(columns: Vec<Column>) -> Result<DataFrame, Error> {
    let height = columns.first().map_or(0, Column::len);
    DataFrame::new(height, columns)
        .map_err(|error| Error::Factor(decile_factor::Error::Frame { reason: error.to_string() }))
}

#[cfg(test)]
mod tests {
    use crate::{Model, Ranking, ResolvedModel};
    use decile_data::SyntheticMarket;
    use decile_factor::{FactorRegistry, Panel};
    use polars::prelude::*;

    fn scored() -> (ResolvedModel, Panel) {
        let market = SyntheticMarket::default().years(3).generate().expect("valid settings");
        let model = Model::preset("q_core").expect("a preset");
        let model = model.resolve(&FactorRegistry::library()).expect("library factors");
        let panel = Panel::new(&market, &model.fields());
        (model, panel)
    }

    fn column(frame: &DataFrame, name: &str) -> Vec<Option<f64>> {
        let column = frame.column(name).expect("a column").cast(&DataType::Float64);
        column.expect("numbers").f64().expect("numbers").iter().collect()
    }

    fn ranking() -> Ranking {
        let (model, panel) = scored();
        let last = *panel.sessions().last().expect("sessions");
        model.score(&panel, last).expect("a session").rank()
    }

    #[test]
    fn a_ranking_keeps_its_order_and_its_gaps() {
        let ranking = ranking();
        let frame = ranking.to_frame().expect("a frame");
        assert_eq!(frame.height(), 30);
        let symbols = frame.column("symbol").expect("a column").str().expect("text");
        let expected: Vec<_> = ranking.iter().map(|stock| Some(stock.symbol.as_str())).collect();
        assert_eq!(symbols.iter().collect::<Vec<_>>(), expected);
        let composites: Vec<_> = ranking.iter().map(|stock| stock.composite).collect();
        assert_eq!(column(&frame, "composite"), composites);
        // A stock without a rank has null, not 0, and a reason.
        let last = frame.height() - 1;
        assert_eq!((column(&frame, "rank")[last], column(&frame, "q_score")[last]), (None, None));
        let reasons = frame.column("exclusion").expect("a column").str().expect("text");
        assert_eq!(
            reasons.get(last),
            Some("no price: the newest close is more than 5 sessions old")
        );
        assert_eq!(reasons.get(0), None);
    }

    #[test]
    fn contributions_of_a_frame_add_up_to_its_composite() {
        let frame = ranking().to_frame().expect("a frame");
        let model = Model::preset("q_core").expect("a preset");
        let parts: Vec<_> =
            model.factor_names().map(|name| column(&frame, &format!("c_{name}"))).collect();
        let mut compared = 0;
        for (row, composite) in column(&frame, "composite").iter().enumerate() {
            if let Some(composite) = composite {
                let sum: f64 = parts.iter().map(|part| part[row].expect("known")).sum();
                assert!((sum - composite).abs() < 1e-12, "{sum} {composite}");
                compared += 1;
            }
        }
        assert!(compared > 20, "{compared}");
    }

    #[test]
    fn a_panel_of_scores_holds_what_single_sessions_give() {
        let (model, panel) = scored();
        let (from, to) = (700, 703);
        let frame = model.score_all(&panel, from..to).expect("scores").to_frame().expect("a frame");
        assert_eq!(frame.height(), 30 * (to - from));
        let scores = model.score(&panel, panel.sessions()[701]).expect("a session");
        let single = scores.to_frame().expect("a frame");
        let middle = frame.slice(30, 30);
        for name in ["coverage", "composite", "q_score", "ordinal", "decile"] {
            assert_eq!(column(&middle, name), column(&single, name), "{name}");
        }
        assert_eq!(column(&single, "z_bm").len(), 30);
    }
}
