//! The line to the broker, which may be lost for a while.

use crate::market::now;
use decile_core::Shares;
use decile_trade::{ApprovedOrder, BrokerEvent, Error, Execution, SubmitError};
use futures::channel::mpsc::UnboundedSender;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

/// Where an order is as the line is lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Caught {
    /// Not out yet, which is known.
    Before,
    /// Out, and not there.
    OnItsWay,
    /// There, and nothing of it is told.
    There,
    /// There, which is told just before the line is lost.
    Taken,
    /// There, though the broker says that it never left.
    Denied,
}

/// When the line is lost, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loss {
    /// At which orders, counted from 0.
    pub(crate) at: &'static [usize],
    pub(crate) caught: Caught,
    /// `None`: for good.
    pub(crate) lasts: Option<Duration>,
}

#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) loss: Option<Loss>,
    /// Nobody says that it is lost.
    pub(crate) is_mute: bool,
    /// What somebody else executes while the line is lost.
    pub(crate) executed_elsewhere: Mutex<Vec<Execution>>,
    down: Mutex<Option<(Instant, Loss)>>,
    submits: Mutex<usize>,
}

impl Line {
    pub(crate) fn lost(at: &'static [usize], caught: Caught, lasts: Option<u64>) -> Self {
        let lasts = lasts.map(Duration::from_secs);
        Self { loss: Some(Loss { at, caught, lasts }), ..Self::default() }
    }

    /// Fails while the line is lost.
    pub(crate) fn reach(&self, request: &'static str) -> Result<(), Error> {
        match *self.down.lock().unwrap() {
            Some((_, Loss { lasts: None, .. })) => {
                Err(Error::BrokerGone { request, source: "the line is gone".into() })
            }
            Some((since, Loss { lasts: Some(lasts), .. })) if since.elapsed() < lasts => {
                Err(Error::Broker { request, source: "the line is lost".into() })
            }
            _ => Ok(()),
        }
    }

    /// Loses the line if it is time, and tells where that has caught the order.
    pub(crate) fn carry(&self, events: &UnboundedSender<BrokerEvent>) -> Option<Caught> {
        if self.reach("order").is_err() {
            return Some(Caught::Before);
        }
        let mut submits = self.submits.lock().unwrap();
        *submits += 1;
        let loss = self.loss.filter(|loss| loss.at.contains(&(*submits - 1)))?;
        *self.down.lock().unwrap() = Some((Instant::now(), loss));
        if !self.is_mute {
            events.unbounded_send(BrokerEvent::Disconnected).unwrap();
        }
        Some(loss.caught)
    }

    /// Somebody types an order into the broker's own program, and it fills.
    pub(crate) fn trade_elsewhere(&self, order: &ApprovedOrder, after: chrono::TimeDelta) {
        let planned = order.order();
        self.executed_elsewhere.lock().unwrap().push(Execution {
            execution_id: "typed".to_owned(),
            id: "typed by hand".to_owned().into(),
            symbol: planned.symbol.clone(),
            side: planned.side,
            quantity: Shares::new(1),
            price: planned.reference,
            commission: None,
            time: now() + after,
        });
    }
}

pub(crate) fn not_sent(order: &ApprovedOrder) -> SubmitError {
    SubmitError::NotSent { id: order.id().clone(), source: "the line is lost".into() }
}

pub(crate) fn in_doubt(order: &ApprovedOrder) -> SubmitError {
    SubmitError::InDoubt { id: order.id().clone(), source: "the line broke".into() }
}
