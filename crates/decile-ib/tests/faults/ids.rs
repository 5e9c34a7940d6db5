//! Gateways that lose count of the order ids.

use super::*;
use OrderStatus::Filled;

/// A new connection, as of a program that was started again.
async fn started_again(desk: Desk) -> Desk {
    let Desk { gateway, ib, executor, journal, clock, _folder } = desk;
    drop((ib, executor));
    // The client id is free once the gateway has seen the end of its connection.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let ib = IbBroker::connect(config(ACCOUNT, gateway.port())).await.unwrap();
    let executor = super::executor(&ib, &journal, &clock, waits());
    Desk { gateway, ib, executor, journal, clock, _folder }
}

/// Lets the gateway lose its connections, and more, and count from 1 again.
async fn rolled_back(restart: Trouble) -> Desk {
    let desk = Desk::new([Fault::of(Trouble::RollBackIds)]).await;
    assert_eq!(statuses(&desk.buy(&PLAN[..2]).await), [Filled; 2]);
    assert_eq!(desk.ib.number_from(0), Some(3));
    desk.hears(BrokerEvent::Reconnected, || desk.gateway.cause(restart)).await;
    desk
}

#[tokio::test]
async fn ids_that_go_back_on_a_reconnect_are_not_followed() {
    for restart in [Trouble::Restart, Trouble::RestartEmpty] {
        let desk = rolled_back(restart).await;
        assert_eq!(desk.ib.number_from(0), Some(3), "{restart:?}");
        assert_eq!(statuses(&desk.buy(&PLAN[2..]).await), [Filled]);
        assert_eq!(desk.ib.number_from(0), Some(4));
    }
}

#[tokio::test]
async fn a_program_that_is_started_again_reads_the_used_ids_from_the_lists() {
    let desk = started_again(rolled_back(Trouble::Restart).await).await;
    assert_eq!(desk.ib.number_from(0), Some(3));
}

#[tokio::test]
async fn a_gateway_that_has_lost_everything_gets_no_id_twice() {
    let desk = started_again(rolled_back(Trouble::RestartEmpty).await).await;
    // Nothing that the gateway knows keeps it from giving the first id out again.
    assert_eq!(desk.ib.number_from(0), Some(1));
    desk.executor.resolve().await.unwrap();
    assert_eq!(statuses(&desk.buy(&PLAN[2..]).await), [Filled]);
    // Its number was 3, the first one above those of the journal.
    assert_eq!(desk.ib.number_from(0), Some(4));
}
