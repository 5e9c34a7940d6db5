//! What goes out with a person's consent only.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/live.rs"]
mod live;
#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use chrono::{DateTime, TimeDelta, Utc};
use decile_core::Shares;
use decile_trade::{
    Account, ApprovedPlan, Attempts, Broker, Circumstances, Consent, ConsentError, Error,
    ExecutionReport, Executor, ExecutorConfig, History, Journal, JournalRecord, MemoryJournal,
    OrderStatus, PaperBroker, PaperConfig, Plan, PlanRules, RiskInputs, RiskLimits, StockFacts,
    StopSignal,
};
use live::{LIVE, Looked, proposed};
use market::{account, clock, money, now, quotes, session, symbol, targets};
use std::sync::Arc;

const PRICES: [(&str, &str); 2] = [("KO", "50"), ("PEP", "150")];

/// A plan of an account to hold KO and PEP.
struct Case {
    account: Account,
    plan: Plan,
    looked: Looked,
}

impl Case {
    fn of(name: &str) -> Self {
        let account = Account { id: name.parse().unwrap(), ..account("10000") };
        let (wanted, rules) = (targets(&["KO", "PEP"]), PlanRules::default());
        let plan = market::plan_toward(&wanted, (&account, &[]), &quotes(&PRICES), &rules);
        let looked = Looked::at(&plan, &wanted, (&rules, &RiskLimits::default()));
        Self { account, plan, looked }
    }

    /// The plan within the limits, behind a journal that has this.
    fn approved(&self, journal: Vec<JournalRecord>, now: DateTime<Utc>) -> ApprovedPlan {
        let facts = StockFacts {
            average_daily_volume: Some(Shares::new(1_000_000)),
            market_cap: Some(money("1000000000")),
            ..StockFacts::default()
        };
        let stocks = PRICES.map(|(name, _)| (symbol(name), facts.clone()));
        let history = History::of(journal).unwrap();
        let known = Circumstances { history, stocks: stocks.into(), ..Circumstances::default() };
        let quotes = quotes(&PRICES);
        let inputs = RiskInputs {
            account: &self.account,
            positions: &[],
            quotes: &quotes,
            now,
            known: &known,
        };
        RiskLimits::default().approve(self.plan.clone(), &inputs).unwrap()
    }

    /// The same, as it was just shown.
    fn shown(&self) -> ApprovedPlan {
        self.approved(vec![proposed(&self.looked.id, &self.plan, now())], now())
    }

    fn broker(&self) -> Arc<PaperBroker> {
        let config = PaperConfig::new(self.account.id.clone(), money("10000"), session());
        let broker = Arc::new(PaperBroker::new(config, clock()));
        broker.set_quotes(quotes(&PRICES).into_values());
        broker
    }

    /// Sends the orders, to a broker that has seen none, and returns what the journal has then.
    async fn trade(
        &self,
        approved: ApprovedPlan,
    ) -> (Result<ExecutionReport, Error>, Arc<PaperBroker>, Vec<JournalRecord>) {
        let (broker, journal) = (self.broker(), Arc::new(MemoryJournal::default()));
        let config = ExecutorConfig::default();
        let executor = Executor::new(broker.clone(), journal.clone(), clock(), config);
        let result = executor.execute(approved, &StopSignal::new()).await;
        (result, broker, journal.replay().unwrap())
    }
}

#[test]
fn only_the_plan_that_was_just_shown_is_agreed_to() {
    let case = Case::of("DU1234567");
    let Looked { id, .. } = &case.looked;
    let given = |journal| {
        let approved = case.approved(journal, now());
        Consent::given(&approved, &case.looked.inputs(false, now())).map(|_| ())
    };
    let ago = |seconds| vec![proposed(id, &case.plan, now() - TimeDelta::seconds(seconds))];
    let refused = |journal| given(journal).unwrap_err().to_string();
    assert!(given(ago(0)).is_ok() && given(ago(900)).is_ok());
    assert!(
        refused(ago(901)).contains("was shown 15 minutes ago, of at most 15: look at it again")
    );
    assert!(refused(ago(-1)).contains("look at it again"));
    // The last look counts.
    assert!(given([ago(2000), ago(3)].concat()).is_ok());
    let error = given(Vec::new()).unwrap_err();
    assert!(matches!(error, ConsentError::NotShown { .. }), "{error}");
    // A journal that does not say what was shown.
    let silent = JournalRecord::Proposed { plan: id.clone(), orders: None, at: now() };
    assert!(matches!(given(vec![silent]), Err(ConsentError::NotShown { .. })));
    // 95 KO are a tenth more than 87, and not more than a tenth above 86.
    let of_ko = |count| {
        let JournalRecord::Proposed { plan, orders: Some(mut orders), at } = ago(1).remove(0)
        else {
            panic!("a look")
        };
        orders.insert(symbol("KO"), Shares::new(count));
        vec![JournalRecord::Proposed { plan, orders: Some(orders), at }]
    };
    assert!(given(of_ko(87)).is_ok());
    assert!(
        refused(of_ko(86)).contains("is for 95 KO by now, and 86 were shown: look at it again")
    );
}

#[test]
fn another_id_and_the_flag_on_paper_are_refused() {
    let case = Case::of("DU1234567");
    let approved = case.shown();
    let other = "0123456789abcdef".parse().unwrap();
    let mut typed = case.looked.clone();
    typed.id = other;
    let error = Consent::given(&approved, &typed.inputs(false, now())).unwrap_err();
    let ConsentError::OtherPlan { approved: wanted, found } = &error else { panic!("{error}") };
    assert_eq!((wanted, found), (&typed.id, &case.looked.id));
    // Other rules are another plan, whatever was typed.
    let mut looser = case.looked.clone();
    looser.rules.min_notional = money("1");
    let error = Consent::given(&approved, &looser.inputs(false, now())).unwrap_err();
    assert!(matches!(error, ConsentError::OtherPlan { .. }), "{error}");
    let error = Consent::given(&approved, &case.looked.inputs(true, now())).unwrap_err();
    assert!(matches!(error, ConsentError::OnPaper { .. }), "{error}");
}

#[test]
fn a_consent_is_to_one_approval_of_one_plan() {
    let (case, other) = (Case::of("DU1234567"), Case::of("DU7654321"));
    let consent = || Consent::given(&case.shown(), &case.looked.inputs(false, now())).unwrap();
    assert_eq!(
        case.shown().with_consent(consent()).unwrap().consent().unwrap().plan_id(),
        &case.looked.id
    );
    let later = now() + TimeDelta::seconds(1);
    let looks = || vec![proposed(&case.looked.id, &case.plan, now())];
    for (what, approved) in
        [("another account", other.shown()), ("a later approval", case.approved(looks(), later))]
    {
        let error = approved.with_consent(consent()).unwrap_err();
        assert!(matches!(error, ConsentError::OtherApproval { .. }), "{what}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn real_money_without_consent_gives_no_order_out() {
    let case = Case::of(LIVE);
    let attempts = Attempts::replay(&MemoryJournal::default()).unwrap();
    let error = case.shown().into_orders(&attempts).unwrap_err();
    assert!(matches!(error, ConsentError::Missing { .. }), "{error}");
    // The executor says so in the journal, too.
    let (result, broker, records) = case.trade(case.shown()).await;
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Consent(ConsentError::Missing { .. })), "{error}");
    let [JournalRecord::Refused { reason, .. }] = &records[..] else { panic!("{records:?}") };
    assert!(reason.starts_with("U1234567 is not a paper account"), "{reason}");
    assert_eq!(*reason, error.to_string());
    assert!(broker.completed_orders().await.unwrap().is_empty());
    assert!(broker.open_orders().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn real_money_goes_out_only_where_flag_environment_and_plan_agree() {
    let test = "real_money_goes_out_only_where_flag_environment_and_plan_agree";
    if live::ran_elsewhere(test, &[None, Some("U7654321"), Some(LIVE)]) {
        return;
    }
    let case = Case::of(LIVE);
    let approved = case.shown();
    let given = |flag| Consent::given(&approved, &case.looked.inputs(flag, now()));
    assert!(matches!(given(false), Err(ConsentError::NotMeant { .. })));
    let consent = match (given(true), std::env::var(Consent::VARIABLE).ok().as_deref()) {
        (Err(ConsentError::NotNamed { .. }), None) => return,
        (Err(ConsentError::OtherNamed { named, .. }), Some("U7654321")) => {
            assert_eq!(named, "U7654321");
            return;
        }
        (Ok(consent), Some(LIVE)) => consent,
        (given, named) => panic!("{given:?} with {named:?}"),
    };
    // The plan is looked at as on paper.
    let unseen = case.approved(Vec::new(), now());
    let error = Consent::given(&unseen, &case.looked.inputs(true, now())).unwrap_err();
    assert!(matches!(error, ConsentError::NotShown { .. }), "{error}");

    let (result, _, records) = case.trade(approved.with_consent(consent).unwrap()).await;
    let report = result.unwrap();
    assert_eq!(report.orders.len(), 2);
    assert!(report.orders.iter().all(|order| order.status == OrderStatus::Filled));
    let agreed = records.iter().find_map(|record| match record {
        JournalRecord::Began { run, .. } => run.agreed.clone(),
        _ => None,
    });
    assert_eq!(agreed, Some(case.looked.id.clone()));
}
