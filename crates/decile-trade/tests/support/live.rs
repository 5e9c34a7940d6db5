// Real money in the environment, and a person who agrees to plans, for tests.

pub(crate) const LIVE: &str = "U1234567";

/// A text that no other model has.
const MODEL: &str = "q_core";
/// Says that a test was started by itself.
const CHILD: &str = "DECILE_TEST_CHILD";

/// Tells whether a test has been run elsewhere: once for each name, in a process of its own whose
/// environment has it for the account with real money. A process cannot safely change its own.
pub(crate) fn ran_elsewhere(test: &str, names: &[Option<&str>]) -> bool {
    if std::env::var_os(CHILD).is_some() {
        return false;
    }
    let program = std::env::current_exe().expect("a test has a path");
    for name in names {
        let variable = decile_trade::Consent::VARIABLE;
        let mut child = std::process::Command::new(&program);
        child.args([test, "--exact"]).env(CHILD, "1").env_remove(variable);
        child.envs(name.map(|name| (variable, name)));
        let output = child.output().expect("the test starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{name:?}: {said}");
    }
    true
}

/// What a plan is made of, and the id that a person reads and types.
#[derive(Debug, Clone)]
pub(crate) struct Looked {
    pub(crate) id: decile_trade::PlanId,
    pub(crate) targets: decile_core::Targets,
    pub(crate) rules: decile_trade::PlanRules,
}

impl Looked {
    /// Shows a plan.
    pub(crate) fn at(
        plan: &decile_trade::Plan,
        targets: &decile_core::Targets,
        (rules, limits): (&decile_trade::PlanRules, &decile_trade::RiskLimits),
    ) -> Self {
        let id = decile_trade::PlanId::of(plan, targets, MODEL, (rules, limits));
        Self { id, targets: targets.clone(), rules: rules.clone() }
    }

    /// What a person's word is checked against.
    pub(crate) fn inputs(
        &self,
        flag: bool,
        now: chrono::DateTime<chrono::Utc>,
    ) -> decile_trade::ConsentInputs<'_> {
        let Self { id, targets, rules } = self;
        decile_trade::ConsentInputs { flag, typed: id, targets, model: MODEL, rules, now }
    }
}

/// The record of a look at a plan.
pub(crate) fn proposed(
    id: &decile_trade::PlanId,
    plan: &decile_trade::Plan,
    at: chrono::DateTime<chrono::Utc>,
) -> decile_trade::JournalRecord {
    let orders = Some(decile_trade::PlanId::quantities(plan));
    decile_trade::JournalRecord::Proposed { plan: id.clone(), orders, at }
}
