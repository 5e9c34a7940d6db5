//! Faults of the connection: lost, frozen, half open, limited, and made again.

use super::*;
use BrokerEvent::{Disconnected, Reconnected};
use OrderStatus::{Filled, NotSent, Unknown};
use chrono::TimeDelta;

/// The second order makes trouble; it is told as expected and in the end all is done, once.
async fn ends(trouble: Trouble, expected: [OrderStatus; 3]) -> Desk {
    let desk = Desk::new([second(trouble)]).await;
    let report = desk.run().await;
    assert_eq!(statuses(&report), expected, "{report:?}");
    // The connection is made again after a second.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    desk
}

#[tokio::test]
async fn an_order_in_flight_as_the_connection_ends_is_unknown_and_not_sent_again() {
    let desk = ends(Trouble::Disconnect, [Filled, Unknown, NotSent]).await;
    assert_eq!(statuses(&desk.again().await), [NotSent, Unknown, Filled]);
    assert_eq!(desk.held().await, BTreeMap::from([("KO".into(), 10), ("PEP".into(), 10)]));
}

#[tokio::test]
async fn an_order_that_was_taken_as_the_connection_ended_is_found_and_the_run_goes_on() {
    let desk = ends(Trouble::DisconnectAfter, [Filled; 3]).await;
    desk.is_done().await;
}

#[tokio::test]
async fn a_gateway_that_restarts_and_keeps_its_account_leaves_the_order_unknown() {
    let desk = ends(Trouble::Restart, [Filled, Unknown, NotSent]).await;
    assert_eq!(statuses(&desk.again().await), [NotSent, Unknown, Filled]);
    assert_eq!(desk.held().await, BTreeMap::from([("KO".into(), 10), ("PEP".into(), 10)]));
}

#[tokio::test]
async fn a_gateway_that_restarts_without_its_account_gets_nothing_twice() {
    let desk = ends(Trouble::RestartEmpty, [Filled, Unknown, NotSent]).await;
    // It has forgotten the first order, and the journal has not.
    assert_eq!(statuses(&desk.again().await), [NotSent, Unknown, Filled]);
    assert_eq!(desk.held().await, BTreeMap::from([("PEP".into(), 10)]));
}

#[tokio::test]
async fn a_gateway_that_stands_still_leaves_an_order_unknown() {
    let impatient = ExecutorConfig { reconnect_max: Duration::ZERO, ..waits() };
    for (waits, is_taken) in [(impatient, true), (waits(), false)] {
        let desk = Desk::with(gateway_config(), |config| config, waits).await;
        let desk = desk.faulty([second(Trouble::Stall)]);
        let report = desk.run().await;
        assert_eq!(statuses(&report), [Filled, Unknown, NotSent], "{report:?}");
        // What it was sent is taken once it goes on, unless the connection was given up by then for its
        // silence: the simulator drops what came on one that is gone.
        let second = if is_taken { NotSent } else { Unknown };
        assert_eq!(statuses(&desk.again().await), [NotSent, second, Filled]);
        assert_eq!(desk.held().await.contains_key("MSFT"), is_taken);
    }
}

#[tokio::test]
async fn a_run_goes_on_when_the_gateway_has_its_line_back() {
    for trouble in [Trouble::RestoreConnection, Trouble::RestoreWithoutData] {
        let desk = Desk::new([second(Trouble::LoseConnection)]).await;
        let back = async {
            tokio::time::sleep(Duration::from_secs(4)).await;
            desk.gateway.cause(trouble);
        };
        // The second order is executed behind the loss; the third waits for the end of it.
        let (report, ()) = futures::join!(desk.run(), back);
        assert_eq!(statuses(&report), [Filled; 3], "{trouble:?}: {report:?}");
        desk.is_done().await;
    }
}

#[tokio::test]
async fn a_run_that_bears_an_unknown_order_goes_on_after_a_restart() {
    let patient = ExecutorConfig { unknown_max: 1, ..waits() };
    let desk = Desk::with(gateway_config(), |config| config, patient).await;
    let desk = desk.faulty([second(Trouble::Restart)]);
    let report = desk.run().await;
    assert_eq!(statuses(&report), [Filled, Unknown, Filled], "{report:?}");
    let recovered = |record: &JournalRecord| matches!(record, JournalRecord::Recovered { .. });
    assert!(desk.journal.replay().unwrap().iter().any(recovered));
    assert_eq!(statuses(&desk.again().await), [NotSent, Unknown, NotSent]);
    assert_eq!(desk.held().await, BTreeMap::from([("KO".into(), 10), ("PEP".into(), 10)]));
}

#[tokio::test]
async fn orders_that_a_restart_kept_back_go_out_in_the_same_run() {
    let patient = ExecutorConfig { unknown_max: 3, in_flight_max: 3, ..waits() };
    let desk = Desk::with(gateway_config(), |config| config, patient).await;
    let back = async {
        desk.gateway.cause(Trouble::Restart);
        // The connection is lost, and not made again for a second.
        tokio::time::sleep(Duration::from_millis(300)).await;
        desk.run().await
    };
    let report = back.await;
    assert!(report.is_complete(), "{report:?}");
    desk.is_done().await;
}

#[tokio::test]
async fn a_half_open_connection_is_given_up_and_what_was_in_flight_is_in_doubt() {
    let beat = |config: IbConfig| {
        let short = Duration::from_secs(2);
        config.heartbeat(Some(Duration::from_millis(300))).connect_timeout(short)
    };
    let desk = Desk::with(gateway_config(), beat, waits()).await;
    desk.ib.resolve(&["MSFT".parse().unwrap()]).await.unwrap();
    let [order] = &orders::orders(ACCOUNT, &PLAN[1..2])[..] else { panic!("one order") };
    let mut events = desk.ib.events();
    desk.gateway.cause(Trouble::Stall);
    let outcome = desk.ib.submit(order).await;
    assert!(matches!(outcome, Err(decile_trade::SubmitError::InDoubt { .. })), "{outcome:?}");
    // Until here the socket looked well.
    let lost = async { while events.next().await != Some(Disconnected) {} };
    timeout(Duration::from_secs(8), lost).await.unwrap();
    let outcome = desk.ib.submit(&orders::order(ACCOUNT, "PEP", 10)).await;
    assert!(matches!(outcome, Err(decile_trade::SubmitError::NotSent { .. })), "{outcome:?}");
    // The gateway has to learn that the connection is gone before it goes on.
    tokio::time::sleep(Duration::from_millis(500)).await;
    desk.gateway.set_faults(Faults::default());
    let back = async { while events.next().await != Some(Reconnected) {} };
    timeout(Duration::from_secs(10), back).await.unwrap();
    // The simulator drops what was sent on a connection that is gone. Nobody can know that, so it is
    // not sent again.
    assert_eq!(desk.ib.find(order.id()).await.unwrap(), None);
    let outcome = desk.ib.submit(order).await;
    assert!(matches!(outcome, Err(decile_trade::SubmitError::InDoubt { .. })), "{outcome:?}");
    assert!(desk.held().await.is_empty());
    assert_eq!(statuses(&desk.buy(&PLAN[..1]).await), [Filled]);
}

#[tokio::test]
async fn a_fill_while_the_line_to_the_broker_is_lost_is_found_when_it_is_back() {
    for trouble in [Trouble::RestoreConnection, Trouble::RestoreWithoutData] {
        let desk = Desk::new([second(Trouble::LoseConnection)]).await;
        let report = desk.run().await;
        // The order is taken and executed behind the loss, and nothing of it is told. What the gateway
        // does not show now may be there all the same.
        assert_eq!(statuses(&report), [Filled, Unknown, NotSent], "{trouble:?}: {report:?}");
        let error = desk.ib.find(&report.orders[1].id).await.unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("has lost its connection"), "{cause}");
        desk.gateway.set_faults(Faults::default());
        desk.hears(Reconnected, || desk.gateway.cause(trouble)).await;
        let resolution = desk.executor.resolve().await.unwrap();
        assert_eq!(resolution.resolved[0].status, Filled, "{trouble:?}: {resolution:?}");
        assert_eq!(statuses(&desk.again().await), [NotSent, NotSent, Filled], "{trouble:?}");
        desk.is_done().await;
    }
}

#[tokio::test]
async fn a_line_that_comes_back_in_the_middle_of_an_order_loses_nothing() {
    for trouble in [Trouble::RestoreConnection, Trouble::RestoreWithoutData] {
        let faults = [second(Trouble::LoseConnection), second(trouble)];
        let desk = Desk::new(faults).await;
        let report = desk.run().await;
        assert_eq!(statuses(&report), [Filled; 3], "{trouble:?}: {report:?}");
        desk.is_done().await;
    }
}

#[tokio::test]
async fn a_farm_that_flaps_is_no_disconnect() {
    let desk = Desk::new([Fault::of(Trouble::FlapFarm)]).await;
    let mut events = desk.ib.events();
    let report = desk.run().await;
    assert_eq!(statuses(&report), [Filled; 3], "{report:?}");
    desk.gateway.cause(Trouble::FlapFarm);
    desk.ib.ping().await.unwrap();
    while let Some(Some(event)) = futures::FutureExt::now_or_never(events.next()) {
        assert!(!matches!(event, Disconnected | Reconnected | BrokerEvent::Gap), "{event:?}");
    }
    desk.is_done().await;
}

#[tokio::test]
async fn a_client_id_that_is_held_is_waited_for() {
    let faults = [Fault::of(Trouble::HoldClientId).times(2)];
    let desk = Desk::new(faults).await;
    desk.hears(Reconnected, || desk.gateway.cause(Trouble::Restart)).await;
    let report = desk.run().await;
    assert_eq!(statuses(&report), [Filled; 3], "{report:?}");
    desk.is_done().await;
}

#[tokio::test]
async fn a_client_id_that_stays_held_ends_the_connection_in_time() {
    let two = |config: IbConfig| config.reconnect_attempts(2);
    let desk = Desk::with(gateway_config(), two, waits()).await;
    let desk = desk.faulty([Fault::of(Trouble::HoldClientId)]);
    desk.hears(Disconnected, || desk.gateway.cause(Trouble::Restart)).await;
    // After 1 and 1 second.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let report = desk.run().await;
    assert_eq!(statuses(&report), [NotSent; 3], "{report:?}");
    let reason = report.orders[0].reason.as_deref().unwrap();
    assert!(reason.contains("has ended: connect anew"), "{reason}");
}

/// Forty orders, of which each is more than one message.
fn forty() -> Vec<(String, i64)> {
    (0..40).map(|number| (format!("S{number}"), 10)).collect()
}

#[tokio::test]
async fn too_many_messages_end_the_connection_and_nothing_is_sent_twice() {
    let names = forty();
    let changes: Vec<_> = names.iter().map(|(name, change)| (name.as_str(), *change)).collect();
    let many = ExecutorConfig { in_flight_max: 40, ..waits() };
    let desk = Desk::with(gateway_config(), |config| config, many).await;
    let desk = desk.faulty([Fault::of(Trouble::LimitRate).times(1)]);
    let report = desk.buy(&changes).await;
    // The contracts alone are forty messages.
    let first = statuses(&report);
    assert!(!first.iter().all(|status| *status == Filled), "{report:?}");
    assert!(first.iter().all(|status| [Filled, Unknown, NotSent].contains(status)), "{report:?}");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    desk.gateway.set_faults(Faults::default());
    desk.executor.resolve().await.unwrap();
    let again = desk.buy(&changes).await;
    let held = desk.held().await;
    for (order, before) in again.orders.iter().zip(first) {
        let expected = match (before, order.status) {
            (_, Unknown) => None,
            (_, Filled) | (Filled | Unknown, NotSent) => Some(&10),
            other => panic!("{other:?} of {order:?}"),
        };
        assert_eq!(held.get(order.symbol.as_str()), expected, "{order:?}");
    }
}

#[tokio::test]
async fn the_limit_of_messages_keeps_within_what_a_gateway_takes() {
    let names = forty();
    let changes: Vec<_> = names[..15].iter().map(|(name, all)| (name.as_str(), *all)).collect();
    let limited = |config: IbConfig| {
        config.messages_per_second(Some(40)).acknowledge_timeout(Duration::from_secs(5))
    };
    let many = ExecutorConfig {
        in_flight_max: 15,
        submit_timeout: Duration::from_secs(8),
        request_timeout: Duration::from_secs(8),
        ..waits()
    };
    let desk = Desk::with(gateway_config(), limited, many).await;
    let desk = desk.faulty([Fault::of(Trouble::LimitRate)]);
    let report = desk.buy(&changes).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.count(Filled), 15);
}

#[tokio::test]
async fn a_gateway_whose_clock_is_far_from_ours_gets_no_order() {
    // By whole seconds it may be one less.
    for (seconds, skew, is_sent) in [(4, 4, true), (5, 5, true), (9, 9, false), (-9, -8, false)] {
        let clock = ManualClock::new(now() + TimeDelta::seconds(seconds));
        let gateway = gateway_config().clock(Arc::new(clock));
        let desk = Desk::with(gateway, |config| config, waits()).await;
        assert_eq!(desk.ib.clock_skew(), None);
        let report = desk.buy(&PLAN[..1]).await;
        assert_eq!(desk.ib.clock_skew(), Some(TimeDelta::seconds(skew)));
        let expected = if is_sent { Filled } else { NotSent };
        assert_eq!(report.orders[0].status, expected, "{seconds}: {report:?}");
        if !is_sent {
            let reason = report.orders[0].reason.as_deref().unwrap();
            assert!(reason.starts_with("the broker's clock is "), "{reason}");
            assert!(desk.ib.completed_orders().await.unwrap().is_empty());
        }
    }
}
