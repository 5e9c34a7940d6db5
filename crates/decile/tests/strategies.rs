//! Strategy files: those that come with decile, and what is told of those that are wrong.

use decile::core::{Market, Symbol, TargetSize};
use decile::prelude::*;
use decile::rank::construct::{ConstructionInputs, Portfolio, Scheme, Selection};
use decile::strategy::{Strategy, StrategyError, Universe};
use decile::trade::{AccountKind, StaleLimit};
use std::path::PathBuf;
use std::time::Duration;

fn shipped(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/strategies");
    PathBuf::from(folder).join(name)
}

fn strategy(name: &str) -> Strategy {
    Strategy::read(shipped(name)).expect("a strategy that comes with decile")
}

fn market() -> Market {
    SyntheticMarket::default().years(2).generate().expect("valid settings")
}

fn portfolio(strategy: &Strategy, market: Market) -> Portfolio {
    let market = strategy.market(market).expect("its universe");
    let model = strategy.resolve(&FactorRegistry::library()).expect("library factors");
    let fields: Vec<Field> = [model.fields(), strategy.construction.fields()].concat();
    let panel = Panel::new(&market, &fields);
    let ranking = model.score(&panel, market.calendar().last()).expect("a session").rank();
    let inputs = ConstructionInputs { ranking: &ranking, panel: &panel, held: &[] };
    strategy.construction.build(&inputs).expect("a portfolio")
}

#[test]
fn every_file_that_comes_along_makes_a_portfolio() {
    let folder = std::fs::read_dir(shipped("")).expect("the folder");
    let mut names: Vec<String> = folder
        .map(|entry| entry.expect("a file").file_name().into_string().expect("text"))
        .filter(|name| !name.ends_with(".model.toml"))
        .collect();
    names.sort();
    let expected = ["buffered", "calm", "long_short", "own_model", "plain"];
    assert_eq!(names, expected.map(|name| format!("{name}.toml")));
    for name in &names {
        let portfolio = portfolio(&strategy(name), market());
        assert!(portfolio.targets().len() >= 4, "{name}: {portfolio:?}");
    }
}

#[test]
fn the_plain_file_is_what_nothing_said_would_be() {
    let plain = strategy("plain.toml");
    let default = Strategy::new("top10".parse().expect("a name"), plain.model().clone());
    assert_eq!(*plain.model(), Model::preset("q_core").expect("a preset"));
    assert_eq!(plain.construction, default.construction);
    assert_eq!((plain.plan_rules(), &plain.limits), (default.plan_rules(), &default.limits));
    assert_eq!(plain.plan_rules(), PlanRules::default());
}

#[test]
fn every_key_arrives() {
    let text = r#"
format = 1
name = "all"
[universe]
symbols = ["KO", "PEP"]
exclude = ["PEP"]
[model.inline]
format = 1
name = "cheap"
groups = [{ name = "value", weight = 1, factors = [{ name = "bm", weight = 1 }] }]
[construction]
selection = "long_short"
scheme = "score"
gross_max = 1.5
name_weight_max = 0.1
issuer_weight_max = 0.2
sector_weight_max = 0.3
cash_buffer = 0.02
[plan]
band = 0.01
min_notional = 500
lot = 100
[limits]
order_notional_max = 20000.50
gross_max = 0.9
quote_age_max = 2.5
account_kind = "cash"
[limits.commission]
per_share = 0.0035
[stale_limit]
after = 7.5
reprices_max = 2
"#;
    let read = read(text).expect("a strategy");
    let symbol = |text: &str| text.parse::<Symbol>().expect("a symbol");
    let universe =
        Universe { symbols: vec![symbol("KO"), symbol("PEP")], exclude: vec![symbol("PEP")] };
    assert_eq!((read.name.as_str(), &read.universe), ("all", &universe));
    assert_eq!(read.model().name(), "cheap");
    let rules = &read.construction;
    assert_eq!((rules.selection, rules.scheme), (Selection::LongShort, Scheme::Score));
    let caps = [rules.name_weight_max, rules.issuer_weight_max, rules.sector_weight_max];
    assert_eq!(caps.map(|cap| cap.expect("given").to_string()), ["0.1", "0.2", "0.3"]);
    assert_eq!(rules.gross_max.to_string(), "1.5");
    assert_eq!(read.plan.lot, Shares::new(100));
    assert_eq!(read.limits.order_notional_max.to_string(), "20000.5");
    assert_eq!(read.limits.quote_age_max, Duration::from_millis(2500));
    assert_eq!(read.limits.commission.per_share.to_string(), "0.0035");
    assert_eq!(read.limits.commission.order_min, RiskLimits::default().commission.order_min);
    let after = Duration::from_millis(7500);
    let expected = StaleLimit { after, reprices_max: 2, ..StaleLimit::default() };
    assert_eq!(read.stale_limit, expected);
    assert_eq!(read.plan_rules().cash_buffer.to_string(), "0.02");
    assert_eq!(read.limits.account_kind, AccountKind::Cash);
    assert_eq!(read.plan_rules().account_kind, AccountKind::Cash);
}

fn read(text: &str) -> Result<Strategy, StrategyError> {
    Strategy::from_toml("s.toml", text, &|_| Err(std::io::ErrorKind::NotFound.into()))
}

#[test]
fn what_is_wrong_is_told_with_line_and_key() {
    let told = |tables: &str, line: usize, key: &str, words: &str| {
        let text = format!("format = 1\nname = \"mine\"\n{tables}\n");
        match read(&text).expect_err("a fault") {
            StrategyError::Document(fault) => {
                assert_eq!((fault.line, fault.key.as_str()), (line, key), "{tables}: {fault}");
                assert!(fault.reason.contains(words), "{tables}: {fault}");
            }
            other => panic!("{tables}: {other}"),
        }
    };
    told("[constructoin]", 3, "constructoin", "`construction`");
    told("[construction]\ncuont = 3", 4, "construction.cuont", "`count`");
    told("[construction]\ncount = 0", 4, "construction.count", "1 or more");
    told("[construction]\ncount = \"ten\"", 4, "construction.count", "a whole number");
    told("[construction]\nscheme = \"riskparity\"", 4, "construction.scheme", "inverse_volatility");
    told("[construction]\nname_weight_max = 15", 4, "construction.name_weight_max", "15");
    told("[construction]\nname_weight_max = 0", 4, "construction.name_weight_max", "above 0");
    told("[plan]\nlot = 0", 4, "plan.lot", "1 or more");
    told("[plan]\ncash_buffer = 0.1", 4, "plan.cash_buffer", "construction.cash_buffer");
    told("[plan]\naccount_kind = \"cash\"", 4, "plan.account_kind", "limits.account_kind");
    told("[limits]\naccount_kind = \"ira\"", 4, "limits.account_kind", "`cash`");
    told("[limits]\nprice_move_max = 10", 4, "limits.price_move_max", "at most 1");
    told("[limits]\ngross = 1", 4, "limits.gross", "`gross_max`");
    told("[limits]\nquote_age_max = -1", 4, "limits.quote_age_max", "number of seconds");
    told("[stale_limit]\nafter = 0.5", 4, "stale_limit.after", "1 second or more");
    told("[stale_limit]\nreprices_max = 100", 4, "stale_limit.reprices_max", "at most 10");
    told("[stale_limit]\nprice_move_max = 5", 4, "stale_limit.price_move_max", "at most 1");
    told("[model]\npreset = \"q_gore\"", 4, "model.preset", "presets are q_core");
    told("[model]\npreset = \"flat\"\nfile = \"x\"", 3, "model", "more than one");
    told("[universe]\nsymbols = [\"KO\",\n \"not one\"]", 4, "universe.symbols", "\"not one\"");
    let inline = "[model.inline]\nformat = 1\nname = \"m\"\n[[model.inline.groups]]\nname = \"g\"\n\
                  weight = 0\nfactors = [{ name = \"bm\", weight = 1 }]";
    told(inline, 8, "model.inline.groups[0].weight", "above 0");
    told("[construction]\ncount = 10\nleave_rank = 9", 5, "construction.leave_rank", "10 or more");
    // Of the file itself.
    let fault = read("format = 2\nname = \"mine\"").expect_err("a later layout").to_string();
    assert_eq!(fault, "s.toml, line 1, format: is 2; this version reads format = 1");
    let fault = read("format = 1\nname = \"Much Too Long\"").expect_err("no name").to_string();
    assert!(fault.starts_with("s.toml, line 2, name: "), "{fault}");
}

#[test]
fn a_model_file_that_is_missing_or_wrong_is_named() {
    let text = "format = 1\nname = \"mine\"\n[model]\nfile = \"m.toml\"";
    let missing = read(text).expect_err("no such file");
    assert!(matches!(&missing, StrategyError::Unreadable { path, .. } if path.ends_with("m.toml")));
    let wrong = |_: &str| Ok("format = 1\nname = \"m\"\ngroups = []\n".to_owned());
    let fault = Strategy::from_toml("s.toml", text, &wrong).expect_err("no group").to_string();
    assert!(fault.starts_with("m.toml, line 3, groups: it has no group"), "{fault}");
}

#[test]
fn a_factor_that_is_not_registered_is_told_with_its_line() {
    let own = "format = 1\nname = \"m\"\n\n[[groups]]\nname = \"g\"\nweight = 1\nfactors = [\n  \
               { name = \"bm\", weight = 1 },\n  { name = \"momentum@sector\", weight = 1 },\n]\n";
    let text = "format = 1\nname = \"mine\"\n[model]\nfile = \"m.toml\"";
    let strategy = Strategy::from_toml("s.toml", text, &|_| Ok(own.to_owned())).expect("a model");
    let fault = strategy.resolve(&FactorRegistry::library()).expect_err("a misprint").to_string();
    let expected =
        "m.toml, line 9, groups[0].factors[1].name: there is no factor \"momentum\"; known are";
    assert!(fault.starts_with(expected), "{fault}");
    let inline = "format = 1\nname = \"mine\"\n[model.inline]\nformat = 1\nname = \"m\"\n\
                  [[model.inline.groups]]\nname = \"g\"\nweight = 1\n\
                  factors = [{ name = \"bm\", weight = 1 }]\n\
                  [model.inline.without_estimates]\nname = \"n\"\nreplace = { bm = \"book\" }";
    let fault = read(inline).expect("a model").resolve(&FactorRegistry::library());
    let fault = fault.expect_err("a misprint").to_string();
    let expected = "s.toml, line 12, model.inline.without_estimates.replace.bm: there is no factor";
    assert!(fault.starts_with(expected), "{fault}");
}

#[test]
fn a_universe_leaves_out_what_it_does_not_name() {
    let market = market();
    let symbols: Vec<Symbol> = market.stocks().iter().map(|stock| stock.symbol().clone()).collect();
    let mut strategy = strategy("plain.toml");
    strategy.universe =
        Universe { symbols: symbols[..20].to_vec(), exclude: vec![symbols[0].clone()] };
    let kept = strategy.market(market.clone()).expect("a universe");
    let last = market.calendar().last();
    let members: Vec<_> = kept.stocks().iter().filter(|stock| stock.is_member(last)).collect();
    assert_eq!(members.len(), 19);
    assert_eq!(kept.stocks().len(), 30);
    for target in portfolio(&strategy, market.clone()).targets().iter() {
        assert!(symbols[1..20].contains(&target.symbol), "{}", target.symbol);
        assert!(matches!(target.size, TargetSize::Weight(_)));
    }
    // What the market does not have is told with its line, and a universe of nothing too.
    let text = "format = 1\nname = \"mine\"\n[universe]\nexclude = [\"QZAB\",\n\"NOPE\"]";
    let fault = read(text).expect("a strategy").market(market.clone()).expect_err("not there");
    let expected =
        "s.toml, line 5, universe.exclude[1]: the market has no NOPE; drop it from the list";
    assert_eq!(fault.to_string(), expected);
    strategy.universe.exclude = symbols;
    let fault = strategy.market(market).expect_err("nothing left").to_string();
    assert!(fault.contains("no stock of the market is left"), "{fault}");
}
