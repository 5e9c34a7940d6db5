//! One stock on its way into the market.

use super::basis::{self, AsTraded};
use super::note::StockNotes;
use super::vendor::{self, Today};
use super::{Assembly, dates, jumps, snapshots};
use crate::GatheredStock;
use decile_core::source::{Basis, Fetched};
use decile_core::{
    ActionKind, Bar, Calendar, CorporateAction, Filing, FormKind, FxRate, Market, Tables,
};

/// Makes the rows of one stock; `None` if it is left out, which a note explains.
pub(super) fn tables(
    stock: GatheredStock,
    calendar: &Calendar,
    assembly: &Assembly,
    notes: &mut StockNotes<'_>,
    fx: &[FxRate],
) -> Option<Tables> {
    let GatheredStock { security, bars, actions, filings, dates, estimates, stats } = stock;
    let trade_currency = security.trade_currency;
    for (what, currency) in [("prices", bars.currency), ("actions", actions.currency)] {
        if let Some(other) = currency.filter(|currency| *currency != trade_currency) {
            notes
                .leave_out(format!("its {what} are in {other}, but it trades in {trade_currency}"));
            return None;
        }
    }
    heard("bars", &bars, notes);
    heard("actions", &actions, notes);
    let AsTraded { bars, actions } = basis::as_traded(sorted_bars(bars), sorted_actions(actions));
    let actions = on_sessions(actions, calendar, notes);
    let bars = within(bars, calendar, notes);
    let (Some(_), Some(_)) = (bars.first(), bars.last()) else {
        notes.leave_out("it has no price in the span");
        return None;
    };
    if let Some(jump) =
        assembly.jump_max.and_then(|max| jumps::first(&bars, &actions, calendar, max))
    {
        let percent = jump.change * 100.0;
        notes.leave_out(format!("it moved by {percent:.0} % on {}, by no action", jump.date));
        return None;
    }
    let mut filings = filings.map_or_else(Vec::new, |filings| {
        heard("filings", &filings, notes);
        dated(filings, &dates, &actions, notes)
    });
    if let Some(stats) = stats.filter(|_| assembly.is_live) {
        let today = Today { security: &security, bars: &bars, actions: &actions, fx, calendar };
        vendor::check(today, &mut filings, &stats, notes);
    }
    let estimates = estimates.map_or_else(Vec::new, |estimates| {
        heard("estimates", &estimates, notes);
        snapshots::usable(estimates, trade_currency, calendar, &actions, assembly, notes)
    });
    let actions = actions.into_iter().filter(|action| action.ex_date <= assembly.as_of);
    let symbol = security.symbol.clone();
    let one = Tables {
        prices: bars.into_iter().map(|bar| (symbol.clone(), bar)).collect(),
        securities: vec![security],
        actions: actions.collect(),
        filings,
        estimates,
        ..Tables::default()
    };
    // Alone first: what does not fit is this stock's loss and nobody else's.
    match Market::new(calendar.clone(), one.clone()) {
        Ok(_) => Some(one),
        Err(error) => {
            notes.leave_out(error.to_string());
            None
        }
    }
}

/// Adds the rows of a stock to those of the others.
pub(super) fn append(all: &mut Tables, one: Tables) {
    all.securities.extend(one.securities);
    all.prices.extend(one.prices);
    all.actions.extend(one.actions);
    all.filings.extend(one.filings);
    all.estimates.extend(one.estimates);
}

/// Takes over what a source said about its rows.
fn heard<T>(what: &str, fetched: &Fetched<T>, notes: &mut StockNotes<'_>) {
    fetched.dropped.iter().for_each(|text| notes.drop(format!("{what}: {text}")));
    fetched.warnings.iter().for_each(|text| notes.note(format!("{what}: {text}")));
}

fn sorted_bars(mut bars: Fetched<Bar>) -> Fetched<Bar> {
    bars.rows.sort_by_key(|bar| bar.date);
    bars
}

/// Puts a split before what is paid on its day, which is on the basis after it.
fn sorted_actions(mut actions: Fetched<CorporateAction>) -> Fetched<CorporateAction> {
    actions.rows.sort_by_key(|action| (action.ex_date, action.kind != ActionKind::Split));
    actions
}

/// Moves an ex-date to the next session, if there is one, and drops what stands there twice.
fn on_sessions(
    actions: Vec<CorporateAction>,
    calendar: &Calendar,
    notes: &mut StockNotes<'_>,
) -> Vec<CorporateAction> {
    let mut kept: Vec<CorporateAction> = Vec::with_capacity(actions.len());
    for mut action in actions {
        let day = action.ex_date;
        let in_span = (calendar.first()..=calendar.last()).contains(&day);
        // The ex-date is the first session on the new basis by its definition.
        if let Some(session) =
            calendar.session_on_or_after(day).filter(|next| in_span && *next != day)
        {
            notes.note(format!("the {} of {day}, no session, counts on {session}", action.kind));
            action.ex_date = session;
        }
        if kept.contains(&action) {
            notes.drop(format!("the {} of {day} came twice", action.kind));
        } else {
            kept.push(action);
        }
    }
    kept
}

/// Keeps the bars on sessions of the calendar; what comes after its end was not known yet.
fn within(bars: Vec<Bar>, calendar: &Calendar, notes: &mut StockNotes<'_>) -> Vec<Bar> {
    let span = calendar.first()..=calendar.last();
    let mut kept = bars;
    kept.retain(|bar| span.contains(&bar.date));
    kept.retain(|bar| {
        let is_session = calendar.is_session(bar.date);
        if !is_session {
            notes.drop(format!("a price of {}, which is no session", bar.date));
        }
        is_session
    });
    kept
}

/// Puts share counts on the basis of their period, dates what has no date, and drops what cannot be dated.
fn dated(
    filings: Fetched<Filing>,
    dates: &[Fetched<Filing>],
    actions: &[CorporateAction],
    notes: &mut StockNotes<'_>,
) -> Vec<Filing> {
    let basis = filings.basis;
    let mut filings = filings.rows;
    for filing in &mut filings {
        let end = filing.period_end;
        match basis {
            Basis::SplitAdjusted => {
                filing.shares = filing.shares.map(|n| basis::shares_of_period(n, end, actions));
            }
            Basis::AsFiled => filing.on_period_basis(actions),
            _ => {}
        }
    }
    let imputed = dates::stamp(&mut filings, dates.iter().map(|list| list.rows.as_slice()));
    if imputed > 0 {
        notes.note(format!("{imputed} of {} filing dates are imputed by rule", filings.len()));
    }
    filings.retain(|filing| {
        let end = filing.period_end;
        let fault = if filing.filed.is_some_and(|filed| filed < end) {
            Some("is dated before its end")
        } else if filing.is_imputed() && filing.form.kind() == FormKind::Other {
            Some("has no date, and its form has no rule for one")
        } else {
            None
        };
        if let Some(fault) = fault {
            notes.drop(format!("the {} of {end} {fault}", filing.form));
        }
        fault.is_none()
    });
    filings
}
