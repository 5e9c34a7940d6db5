//! What comes later than it would, or not at all: messages, and what a gateway that stalls was asked.

use super::STALLED_MAX;
use crate::Trouble;
use crate::engine::{ConnectionId, Engine, Reply, Request};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How often the loss of the connection is told again.
const LOST_AGAIN: Duration = Duration::from_secs(1);

impl Engine {
    /// Keeps a request if nobody is answered; else gives it back.
    pub(in crate::engine) fn stall(
        &mut self,
        at: ConnectionId,
        request: Request,
    ) -> Option<Request> {
        if !self.faulty.is_stalled {
            return Some(request);
        }
        if self.faulty.stalled.len() < STALLED_MAX {
            self.faulty.stalled.push((at, request));
        }
        None
    }

    /// Lets a gateway that has stalled go on: it says what it had to say, and takes what was sent.
    fn go_on(&mut self) {
        self.faulty.is_stalled = false;
        for (at, reply) in std::mem::take(&mut self.faulty.unsent) {
            self.send(at, &reply);
        }
        // The first has had its chance of a fault: that is why it has waited.
        self.faulty.has_survived = true;
        for (at, request) in std::mem::take(&mut self.faulty.stalled) {
            self.handle(at, vec![request]);
            self.faulty.has_survived = false;
        }
        self.faulty.has_survived = false;
    }

    /// Says again that the connection is lost, and sends what was to come later.
    pub(in crate::engine) fn pass_faults(&mut self) {
        let now = Instant::now();
        if self.faulty.lost.is_some_and(|told| now.duration_since(told) >= LOST_AGAIN) {
            self.faulty.lost = Some(now);
            self.tell_lost();
        }
        let over: Vec<_> = self.faulty.ending.extract_if(.., |(end, _)| *end <= now).collect();
        for (_, what) in over {
            match what {
                Trouble::Stall => self.go_on(),
                _ => self.happen(Trouble::RestoreConnection),
            }
        }
        if self.faulty.is_stalled {
            return;
        }
        let due: Vec<_> = self.faulty.delayed.extract_if(.., |(due, _, _)| *due <= now).collect();
        for (_, at, reply) in due {
            self.send(at, &reply);
        }
    }

    /// Returns when the next message that is held back is to come, or the next order is
    /// acknowledged.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let delayed = self.faulty.delayed.iter().map(|(due, _, _)| *due);
        delayed.chain(self.under_way.next_due()).min()
    }

    pub(crate) fn wake(&self) -> Arc<Notify> {
        self.faulty.wake.clone()
    }

    /// Sends a message, or what a fault makes of it.
    pub(in crate::engine) fn deliver(&mut self, at: ConnectionId, reply: Reply) {
        if self.faulty.is_stalled {
            if self.faulty.unsent.len() < STALLED_MAX {
                self.faulty.unsent.push((at, reply));
            }
            return;
        }
        if self.faulty.is_nothing() {
            return self.send(at, &reply);
        }
        if self.faulty.lost.is_some() && reply.order().is_some() {
            return;
        }
        let overtaken = self.faulty.overtaken.remove(&at).unwrap_or_default();
        match self.faulty.fault_of(&reply) {
            None => self.send(at, &reply),
            Some(fault) => match fault.what {
                Trouble::Delay => {
                    let due = Instant::now() + Duration::from_millis(fault.delay_ms);
                    self.faulty.delayed.push((due, at, reply));
                    self.faulty.wake.notify_one();
                }
                Trouble::Duplicate => {
                    self.send(at, &reply);
                    self.send(at, &reply);
                }
                Trouble::Reorder => self.faulty.overtaken.entry(at).or_default().push(reply),
                Trouble::Garble => self.with_client(at, |client| client.line.garble(&reply)),
                // Lost.
                _ => {}
            },
        }
        for reply in overtaken {
            self.send(at, &reply);
        }
    }
}
