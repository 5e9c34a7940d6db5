use super::book::Status;
use super::{ConnectionId, Engine, Notice};
use crate::Trouble;

const BY_TRADER: &str = "Cancelled by Trader";

impl Engine {
    /// Cancels an open order of the client that asks: one pair of `PendingCancel`, and the end.
    pub(super) fn cancel(&mut self, at: ConnectionId, client: i32, id: i32) {
        let is_ignored = self.faulty.happens(Trouble::IgnoreCancel, Some(id));
        if !is_ignored && !self.under_way.cancel(client, id) {
            self.cancel_known(at, client, id);
        }
    }

    /// Cancels an order that has reached the exchange, or waits to be released.
    pub(super) fn cancel_known(&mut self, at: ConnectionId, client: i32, id: i32) {
        // An order of another client is as unknown as one that never was.
        let found = self.book.find(client, id).or_else(|| {
            let mut open = self.book.working().filter(|_| self.habits.cancels_of_others);
            open.rfind(|index| self.book.order(*index).id == id)
        });
        let Some(index) = found else {
            if self.staged.remove(client, id) {
                return self.notify(at, Notice::cancelled(id, ""));
            }
            return self.notify(at, Notice::cancel_unknown(id));
        };
        match self.book.order(index).status {
            Status::Working => {
                self.tell_pair(index, "PendingCancel", false);
                self.end(index, BY_TRADER);
            }
            Status::Filled => self.notify(at, Notice::cancel_too_late(id, "Filled")),
            // A rejected order is called cancelled here.
            Status::Cancelled | Status::Inactive => {
                self.notify(at, Notice::cancel_too_late(id, "Cancelled"));
            }
        }
    }

    /// Cancels every open order of the account, whoever placed it, the newest first. The rejected
    /// ones of this session cannot be cancelled, and their owners hear so.
    pub(super) fn cancel_all(&mut self) {
        self.under_way.cancel_all();
        let session = self.book.session();
        // Orders stand in the order of their sessions.
        let today = self.book.orders().iter().rev().take_while(|order| order.session >= session);
        let inactive = today.filter(|order| order.status == Status::Inactive);
        let inactive: Vec<_> =
            inactive.map(|order| (order.client, order.id, order.perm_id)).collect();
        for (client, id, perm_id) in inactive {
            self.notify_owner(client, Notice::not_cancellable(id, perm_id));
        }
        let working: Vec<usize> = self.book.working().rev().collect();
        for index in working {
            self.end(index, BY_TRADER);
        }
    }
}
