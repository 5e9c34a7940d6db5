use crate::engine::Halt;
use crate::wire::handshake;
use crate::{Fault, Faults, HaltKind, MarketRules, Ticks, Venue};
use chrono::{DateTime, Utc};
use decile_core::{Clock, Decimal, FixedCommission, Money, Symbol, SystemClock};
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What a gateway trades, for whom, and where it listens.
///
/// ```
/// use decile_gateway::{GatewayConfig, Venue};
///
/// let config = GatewayConfig::new(Venue::large_us(1))
///     .account("DU7654321")
///     .cash("250000".parse()?)
///     .server_version_max(220);
/// # let _ = config;
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    pub(crate) venue: Venue,
    pub(crate) account: String,
    pub(crate) cash: Money,
    pub(crate) commission: FixedCommission,
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) state: Option<PathBuf>,
    pub(crate) record: Option<PathBuf>,
    pub(crate) server_version_max: i32,
    pub(crate) live_data: bool,
    pub(crate) suppress_repeated_time: bool,
    pub(crate) habits: Habits,
    pub(crate) rules: MarketRules,
    pub(crate) faults: Faults,
    pub(crate) ticks: Option<Ticks>,
    pub(crate) halts: Vec<Halt>,
    pub(crate) is_margin: bool,
    pub(crate) life: Option<u32>,
    pub(crate) limits: Limits,
}

/// In what recordings of real gateways differ from each other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Habits {
    /// Error 201 comes before the first message of an order that is rejected, and not after it.
    pub(crate) error_first: bool,
    /// A client may cancel the orders of others.
    pub(crate) cancels_of_others: bool,
    /// How long an order or a change is under way, if it is.
    pub(crate) acknowledge_after: Option<Duration>,
    /// No order is taken in a stock that is halted.
    pub(crate) refuse_in_halt: bool,
    /// What the gateway's machine calls its time zone.
    pub(crate) zone: Option<String>,
}

/// What one client may cost the gateway.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes waiting for a client at which it is dropped.
    pub(crate) queue_max: usize,
    /// How long a client with a quarter of that waiting may read nothing.
    pub(crate) stall_max: Duration,
    /// How long a connection may take to say who it is.
    pub(crate) handshake_max: Duration,
    /// Connections at a time.
    pub(crate) connections_max: usize,
}

impl GatewayConfig {
    /// The server versions at which every message is protobuf.
    pub const SERVER_VERSIONS: RangeInclusive<i32> = handshake::PROTOBUF;

    /// The server versions at which messages are text, for clients that know no later ones.
    pub const TEXT_VERSIONS: RangeInclusive<i32> = handshake::TEXT;

    /// Configures a gateway for a venue: account DU0000001 with a million dollars in cash, the
    /// machine's clock, no state file, and a free port of 127.0.0.1.
    #[must_use]
    pub fn new(venue: Venue) -> Self {
        Self {
            venue,
            account: "DU0000001".to_owned(),
            cash: Money::new(Decimal::new(1_000_000, 0)),
            commission: FixedCommission::default(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            clock: Arc::new(SystemClock),
            state: None,
            record: None,
            server_version_max: *Self::SERVER_VERSIONS.end(),
            live_data: true,
            suppress_repeated_time: true,
            habits: Habits::default(),
            rules: MarketRules::default(),
            faults: Faults::default(),
            ticks: None,
            halts: Vec::new(),
            is_margin: false,
            life: None,
            limits: Limits {
                queue_max: 64 << 20,
                stall_max: Duration::from_secs(30),
                handshake_max: Duration::from_secs(30),
                connections_max: 1024,
            },
        }
    }

    /// Names the account: 1 to 12 letters or digits, as in DU1234567.
    #[must_use]
    pub fn account(self, account: impl Into<String>) -> Self {
        Self { account: account.into(), ..self }
    }

    /// Sets the cash that a new account begins with, in US dollars. A state file keeps its own.
    #[must_use]
    pub fn cash(self, cash: Money) -> Self {
        Self { cash, ..self }
    }

    /// Sets what trading costs.
    #[must_use]
    pub fn commission(self, commission: FixedCommission) -> Self {
        Self { commission, ..self }
    }

    /// Sets where to listen; port 0 takes a free one.
    #[must_use]
    pub fn address(self, address: SocketAddr) -> Self {
        Self { address, ..self }
    }

    /// Sets the clock that dates orders, executions and sessions.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Keeps orders, executions and the account in a file, so that they survive the end of the
    /// process, however it ends.
    ///
    /// A record is handed to the operating system before any client hears of it. That covers a
    /// killed process, and not a machine that loses power: nothing waits for the disk.
    #[must_use]
    pub fn state(self, path: impl Into<PathBuf>) -> Self {
        Self { state: Some(path.into()), ..self }
    }

    /// Writes what is said on each connection to a file of its own in a folder, frame by frame. The
    /// folder is made if it is not there, and no file in it is overwritten.
    #[must_use]
    pub fn record(self, folder: impl Into<PathBuf>) -> Self {
        Self { record: Some(folder.into()), ..self }
    }

    /// Sets the highest server version to agree on, from 213 to 226; one from 157 to 178 makes
    /// every client speak text.
    #[must_use]
    pub fn server_version_max(self, version: i32) -> Self {
        Self { server_version_max: version, ..self }
    }

    /// Tells whether the account subscribes to live market data, as it does unless this says
    /// otherwise. Without, requests for live data are refused with error 10089 and delayed data are
    /// given on request.
    #[must_use]
    pub fn live_data(self, subscribed: bool) -> Self {
        Self { live_data: subscribed, ..self }
    }

    /// Sets how the market trades: its hours, its depth, its bands.
    #[must_use]
    pub fn rules(self, rules: MarketRules) -> Self {
        Self { rules, ..self }
    }

    /// Sets what is to go wrong.
    #[must_use]
    pub fn faults(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    /// Adds one thing more that is to go wrong, after the others.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults = self.faults.with(fault);
        self
    }

    /// Lets prices move by themselves. Without, they stand still until
    /// [`Gateway::set_quotes`](crate::Gateway::set_quotes) moves them.
    #[must_use]
    pub fn ticks(self, ticks: Ticks) -> Self {
        Self { ticks: Some(ticks), ..self }
    }

    /// Halts a stock from one time of the clock to another, or for good. Its orders wait.
    #[must_use]
    pub fn halt(self, symbol: Symbol, from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> Self {
        self.halt_as(HaltKind::General, symbol, from, until)
    }

    /// Halts a stock for a reason, which clients that watch it are told.
    #[must_use]
    pub fn halt_as(
        mut self,
        kind: HaltKind,
        symbol: Symbol,
        from: DateTime<Utc>,
        until: Option<DateTime<Utc>>,
    ) -> Self {
        self.halts.push(Halt { at: from, symbol: symbol.clone(), halt: Some(kind) });
        self.halts.extend(until.map(|at| Halt { at, symbol, halt: None }));
        self
    }

    /// Tells whether it is a margin account, which may sell short and borrow half of what it buys,
    /// and not a cash account.
    #[must_use]
    pub fn margin(self, is_margin: bool) -> Self {
        Self { is_margin, ..self }
    }

    /// Numbers the life that an account without a state begins, so that its permanent ids and those
    /// of its executions are the same whenever and wherever it begins; each `RestartEmpty` begins
    /// the next. Unless set they are drawn from the clock's time and the lives that the process has
    /// begun, and differ from what a gateway before this one has given.
    #[must_use]
    pub fn life(self, life: u32) -> Self {
        Self { life: Some(life), ..self }
    }

    /// Tells whether error 201 comes before an order is shown as inactive, as some recordings have
    /// it, and not after it.
    #[must_use]
    pub fn error_first(mut self, is_first: bool) -> Self {
        self.habits.error_first = is_first;
        self
    }

    /// Tells whether a client may cancel the orders of others, as recorded at version 200, and
    /// hears 10147 otherwise, as recorded since.
    #[must_use]
    pub fn cancels_of_others(mut self, allowed: bool) -> Self {
        self.habits.cancels_of_others = allowed;
        self
    }

    /// Tells whether an order in a stock that is halted is refused with 154, which gateways know, and
    /// does not wait for the end of the halt.
    #[must_use]
    pub fn refuse_in_halt(mut self, refuse: bool) -> Self {
        self.habits.refuse_in_halt = refuse;
        self
    }

    /// Lets an order or a change take so long, by the machine's clock, until it is acknowledged: its
    /// client hears of it and it is dealt only then. Recorded gateways took 0.2 to 0.9 seconds.
    /// Another change in the meantime is refused with 2102, and a cancel waits. Without this nothing is
    /// ever under way.
    #[must_use]
    pub fn acknowledge_after(mut self, time: Duration) -> Self {
        self.habits.acknowledge_after = Some(time);
        self
    }

    /// Sets what the gateway calls its time zone when a client connects, `US/Eastern` unless set.
    /// Real ones say what their machine does, `Central European Standard Time` or
    /// `中国标准时间`. The time itself stays New York's.
    #[must_use]
    pub fn zone_name(mut self, name: impl Into<String>) -> Self {
        self.habits.zone = Some(name.into());
        self
    }

    /// Tells whether the time is answered only once in 4 seconds per connection, as recorded
    /// gateways do. The seconds are those of the machine, whatever the clock.
    #[must_use]
    pub fn suppress_repeated_time(self, suppress: bool) -> Self {
        Self { suppress_repeated_time: suppress, ..self }
    }

    /// Sets how many bytes may wait for a client that reads slowly before it is dropped; 64 MiB
    /// unless set. At a quarter of it the gateway stops taking requests from that client.
    #[must_use]
    pub fn client_queue_max(mut self, bytes: usize) -> Self {
        self.limits.queue_max = bytes;
        self
    }
}
