//! Between the thread that moves messages and the one that reads them.

use futures::task::AtomicWaker;
use futures::{Stream, StreamExt};
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use tokio::sync::Notify;
use tokio::task::yield_now;

/// How often in a row those who bring messages get the chance to bring more before the reader is
/// woken. In silence each costs a look at the socket, of a microsecond or so; while messages keep coming
/// it saves waking a thread for a few of them.
const YIELDS: usize = 16;

/// Wakes a reader on another thread, once for all that has come together: to wake a thread costs
/// more than to read a message.
#[derive(Debug, Default)]
pub(super) struct Gate {
    bell: Notify,
    reader: AtomicWaker,
    is_closed: AtomicBool,
}

impl Wake for Gate {
    fn wake(self: Arc<Self>) {
        self.bell.notify_one();
    }
}

impl Gate {
    /// Wakes the reader whenever something has come and no more comes with it. Dropped, as its
    /// runtime ends, it closes the gate.
    pub(super) async fn keep(self: Arc<Self>) {
        let gate = CloseOnDrop(self);
        loop {
            gate.0.bell.notified().await;
            for _ in 0..YIELDS {
                yield_now().await;
            }
            gate.0.reader.wake();
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::SeqCst)
    }

    /// Waits for items of a stream and hands over all that have come together, or those up to one after
    /// which the reader breaks off. Returns whether there can be more.
    pub(super) async fn together<S>(
        self: &Arc<Self>,
        stream: &mut S,
        mut read: impl FnMut(S::Item) -> ControlFlow<()>,
    ) -> bool
    where
        S: Stream + Unpin,
    {
        let bell = Waker::from(Arc::clone(self));
        poll_fn(|cx| {
            // First, so that nothing that happens from here is missed.
            self.reader.register(cx.waker());
            if self.is_closed() {
                return Poll::Ready(false);
            }
            let (mut cx, mut has_read) = (Context::from_waker(&bell), false);
            loop {
                match stream.poll_next_unpin(&mut cx) {
                    Poll::Ready(Some(item)) => match read(item) {
                        ControlFlow::Continue(()) => has_read = true,
                        ControlFlow::Break(()) => return Poll::Ready(true),
                    },
                    Poll::Ready(None) => return Poll::Ready(false),
                    Poll::Pending if has_read => return Poll::Ready(true),
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }
}

struct CloseOnDrop(Arc<Gate>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.is_closed.store(true, Ordering::SeqCst);
        self.0.reader.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use std::thread;
    use std::time::Duration;
    use tokio::sync::broadcast;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
    }

    /// Reads on a thread of its own, until the gate is closed.
    fn reader(gate: &Arc<Gate>, numbers: broadcast::Receiver<u32>) -> thread::JoinHandle<Vec<u32>> {
        let gate = Arc::clone(gate);
        thread::spawn(move || {
            let next = |mut numbers: broadcast::Receiver<u32>| async move {
                numbers.recv().await.ok().map(|number| (number, numbers))
            };
            let mut numbers = Box::pin(futures::stream::unfold(numbers, next));
            let mut read = Vec::new();
            let mut push = |number| {
                read.push(number);
                // It breaks off now and then, and misses nothing by it.
                if number % 5 == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            while block_on(gate.together(&mut numbers, &mut push)) {}
            read
        })
    }

    #[test]
    fn everything_is_read_however_it_comes() {
        let (gate, (tell, told)) = (Arc::new(Gate::default()), broadcast::channel(4096));
        let reader = reader(&gate, told);
        runtime().block_on(async {
            let keep = tokio::spawn(Arc::clone(&gate).keep());
            for number in 0..2000 {
                tell.send(number).unwrap();
                if number % 7 == 0 {
                    yield_now().await;
                }
                if number % 500 == 0 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
            while !tell.is_empty() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            keep.abort();
        });
        assert_eq!(reader.join().unwrap(), (0..2000).collect::<Vec<_>>());
    }

    #[test]
    fn the_end_of_the_runtime_ends_the_reader() {
        let (gate, (_tell, told)) = (Arc::new(Gate::default()), broadcast::channel(1));
        let runtime = runtime();
        runtime.spawn(Arc::clone(&gate).keep());
        let reader = reader(&gate, told);
        runtime.block_on(yield_now());
        drop(runtime);
        assert!(reader.join().unwrap().is_empty() && gate.is_closed());
    }
}
