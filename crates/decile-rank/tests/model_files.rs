//! Models as files: they read back as they were written, and faults name file, line, key and remedy.

use decile_factor::FactorRegistry;
use decile_rank::{Error, Gates, Group, Missing, Model, Part, Standardise, Winsorise};
use proptest::prelude::*;

const SMALL: &str = r#"format = 1
name = "small"
required = ["bm"]

[standardise]
winsorise = "quantiles"

[gates]
eligible_min = 0.9

[[groups]]
name = "value"
weight = 0.5
factors = [
  { name = "bm", weight = 1 },
  { name = "ey_ttm@sector", weight = 2 },
]

[[groups]]
name = "price"
weight = 0.5
factors = [{ name = "mom_12_1", weight = 1 }]

[without_estimates]
name = "smaller"
replace = { mom_12_1 = "rev_1m" }
"#;

fn read(text: &str) -> Result<Model, Error> {
    Model::from_toml("small.toml", text)
}

/// The fault of the small model with one text replaced by another.
fn fault(from: &str, to: &str) -> (usize, String, String) {
    assert!(SMALL.contains(from), "{from}");
    match read(&SMALL.replacen(from, to, 1)) {
        Err(Error::Document(fault)) => {
            assert_eq!(fault.file, "small.toml");
            (fault.line, fault.key, fault.reason)
        }
        other => panic!("{to:?} is not refused: {other:?}"),
    }
}

/// Checks where that fault is said to be, and what is said of it.
fn told(from: &str, to: &str, line: usize, key: &str, words: &str) {
    let fault = fault(from, to);
    assert_eq!((fault.0, fault.1.as_str()), (line, key), "{to}: {}", fault.2);
    assert!(fault.2.contains(words), "{to}: {}", fault.2);
}

#[test]
fn every_preset_reads_back_as_it_is() {
    for &name in Model::PRESETS {
        let model = Model::preset(name).expect("a preset");
        assert_eq!(model.name(), name);
        assert_eq!(read(&model.to_toml()).expect("what it wrote"), model, "{name}");
        let json = serde_json::to_string(&model).expect("plain data");
        assert_eq!(serde_json::from_str::<Model>(&json).expect("the same shape"), model, "{name}");
        assert!(model.resolve(&FactorRegistry::library()).is_ok(), "{name}");
    }
    let unknown = Model::preset("q_gore").expect_err("a misprint").to_string();
    assert!(unknown.contains("\"q_gore\"") && unknown.contains("q_core_eaccel"), "{unknown}");
}

#[test]
fn the_fallback_of_the_default_is_the_preset_of_its_name() {
    let core = Model::preset("q_core").expect("a preset");
    assert_eq!(core.fallback(), Some(Model::preset("q_core_eaccel").expect("a preset")));
}

#[test]
fn the_canonical_text_spells_everything_out() {
    let model = read(SMALL).expect("a valid model");
    let expected = r#"format = 1
name = "small"
version = 1
coverage_min = 0.6
required = ["bm"]
missing = "neutral"
sector_min = 3

[standardise]
method = "z_score"
winsorise = "quantiles"
tail = 0.05
clip = 3.0

[gates]
eligible_min = 0.9
factor_coverage_min = 0.5
sign_change_max = 0.2

[[groups]]
name = "value"
weight = 0.5
factors = [
  { name = "bm", weight = 1.0 },
  { name = "ey_ttm@sector", weight = 2.0 },
]

[[groups]]
name = "price"
weight = 0.5
factors = [
  { name = "mom_12_1", weight = 1.0 },
]

[without_estimates]
name = "smaller"

[without_estimates.replace]
"mom_12_1" = "rev_1m"
"#;
    assert_eq!(model.to_toml(), expected);
    // sha256sum of that text.
    let hash = "f7eff146d8b6833f43d173a02a09d719fe1312628bfd5127f62baa6365542ad2";
    assert_eq!(model.hash(), hash);
    let other = read(&SMALL.replace("weight = 2 ", "weight = 2.0000001 ")).expect("a valid model");
    assert_ne!(other.hash(), hash);
}

#[test]
fn a_fallback_keeps_what_it_does_not_replace() {
    let text = SMALL.replace("mom_12_1 = ", "bm = ").replace("ey_ttm@sector", "mom_12_0@sector");
    let fallback = read(&text).expect("valid").fallback().expect("it has one");
    let names: Vec<_> = fallback.factor_names().collect();
    assert_eq!(names, ["rev_1m", "mom_12_0@sector", "mom_12_1"]);
    assert_eq!((fallback.name(), fallback.required()), ("smaller", &["rev_1m".to_owned()][..]));
    assert!(fallback.fallback().is_none());
}

#[test]
fn faults_of_form_name_line_and_key() {
    told("required =", "requried =", 3, "requried", "expected one of `format`, `name`");
    told("weight = 2 ", "weigth = 2 ", 16, "groups[0].factors[1].weigth", "`weight`");
    told("weight = 2 ", "weight = 'x' ", 16, "groups[0].factors[1].weight", "a number");
    told("format = 1\n", "", 1, "format", "missing key `format`");
    told("eligible_min", "eligible_max", 9, "gates.eligible_max", "`eligible_min`");
    told("[[groups]]", "[groups]", 19, "groups", "duplicate key");
    told("\"quantiles\"", "\"zipline\"", 6, "standardise.winsorise", "`mad`");
    told("name = \"small\"", "name = small", 2, "name", "");
}

#[test]
fn faults_of_meaning_name_line_and_key_too() {
    told("format = 1", "format = 2", 1, "format", "reads format = 1");
    told("[\"bm\"]", "[\"roe\"]", 3, "required[0]", "add it to one");
    told("weight = 2 ", "weight = 0 ", 16, "groups[0].factors[1].weight", "above 0");
    told("weight = 0.5", "weight = nan", 13, "groups[0].weight", "above 0");
    told("\"bm\", w", "\"mom_12_1\", w", 22, "groups[1].factors[0].name", "twice; keep one");
    told("\"price\"", "\"value\"", 20, "groups[1].name", "merge the two");
    told("@sector", "@country", 16, "groups[0].factors[1].name", "@sector is all that may follow");
    told("weight = 0.5", "part = \"a\"\nweight = 0.5", 13, "groups[0].part", "[[blend]]");
    told("= 0.9", "= 90", 9, "gates.eligible_min", "from 0 to 1");
    told("\"quantiles\"", "\"mad\"\ntail = 0.1", 7, "standardise.tail", "drop one");
    told("\"quantiles\"", "\"quantiles\"\ntail = 0.5", 7, "standardise.tail", "below 0.5");
    told("winsorise", "method = \"percentile\"\nwinsorise", 7, "standardise.winsorise", "drop it");
    told("mom_12_1 = ", "roe = ", 26, "without_estimates.replace.roe", "of the model");
    told("\"rev_1m\" }", "\"bm\" }", 24, "without_estimates", "bm stands twice");
    told("\"smaller\"", "\"small\"", 25, "without_estimates.name", "another");
    told("\"small\"", "\"a\\\"b\"", 2, "name", "ASCII");
}

#[test]
fn a_blend_needs_parts_and_groups_that_fit() {
    let group = |name: &str, part: &str| Group::new(name, 1.0, &[(name, 1.0)]).in_part(part);
    let blend = |parts: &[&str], groups: Vec<Group>| {
        let parts = parts.iter().map(|part| Part::new(part, 0.5)).collect();
        Model::blended("mine", parts, groups)
    };
    let valid = vec![group("bm", "a"), group("roe", "b")];
    let model = blend(&["a", "b"], valid.clone()).expect("two parts with a group each");
    assert_eq!(read(&model.to_toml()).expect("what it wrote"), model);
    let told = |parts: &[&str], groups: Vec<Group>| {
        blend(parts, groups).expect_err("not a blend").to_string()
    };
    assert!(told(&["a"], valid.clone()).contains("one part is no blend"));
    assert!(told(&["a", "b", "c"], valid.clone()).contains("no group has part = \"c\""));
    assert!(told(&["a", "a"], valid.clone()).contains("part a stands twice"));
    let stray = vec![group("bm", "a"), group("roe", "b"), group("ey_ttm", "z")];
    assert!(told(&["a", "b"], stray).contains("there is no part \"z\""));
    let bare = vec![group("bm", "a"), group("roe", "b"), Group::new("x", 1.0, &[("x", 1.0)])];
    assert!(told(&["a", "b"], bare).contains("groups[2].part: is missing"));
    let weightless = Model::blended("mine", vec![Part::new("a", 0.0), Part::new("b", 1.0)], valid);
    assert!(weightless.expect_err("a weight of 0").to_string().contains("blend[0].weight"));
}

fn weight() -> impl Strategy<Value = f64> {
    prop_oneof![1e-9..1e9_f64, (1_u8..100).prop_map(|n| f64::from(n) / 7.0)]
}

fn standardise() -> impl Strategy<Value = Standardise> {
    let winsorise = prop_oneof![
        (0.0..0.499_f64).prop_map(|tail| Winsorise::Quantiles { tail }),
        (0.1..9.0_f64).prop_map(|deviations| Winsorise::Mad { deviations }),
        Just(Winsorise::Off),
    ];
    prop_oneof![
        (winsorise, 0.1..9.0_f64)
            .prop_map(|(winsorise, clip)| Standardise::ZScore { winsorise, clip }),
        Just(Standardise::Percentile),
    ]
}

proptest! {
    #[test]
    fn any_model_reads_back_as_it_was_written(
        weights in prop::collection::vec(prop::collection::vec(weight(), 1..4), 1..5),
        (standardise, coverage, sign_change_max) in (standardise(), 0.0..1.0_f64, 0.0..1.0_f64),
        (renormalised, sector_min, version) in (any::<bool>(), 1..9_usize, any::<u32>()),
    ) {
        let group = |(at, weights): (usize, &Vec<f64>)| {
            let names: Vec<_> = (0..weights.len()).map(|of| format!("f{at}_{of}@sector")).collect();
            let factors: Vec<_> =
                names.iter().map(String::as_str).zip(weights.iter().copied()).collect();
            Group::new(&format!("group {at}"), weights[0], &factors)
        };
        let groups = weights.iter().enumerate().map(group).collect();
        let model = Model::new("any model", groups)
            .and_then(|model| model.with_standardise(standardise))
            .and_then(|model| model.with_coverage_min(coverage))
            .and_then(|model| model.with_sector_min(sector_min))
            .and_then(|model| model.with_gates(Gates { sign_change_max, ..Gates::default() }))
            .and_then(|model| model.requiring("f0_0"))
            .and_then(|model| model.without_estimates("other", &[("f0_0", "elsewhere")]))
            .expect("a valid model")
            .with_version(version)
            .with_missing(if renormalised { Missing::Renormalised } else { Missing::Neutral });
        let again = read(&model.to_toml()).expect("what it wrote");
        prop_assert_eq!(again.hash(), model.hash());
        prop_assert_eq!(again, model);
    }
}
