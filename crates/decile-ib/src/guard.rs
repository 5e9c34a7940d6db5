//! Paper or live: what must agree before a connection may be used.

use crate::Error;
use decile_trade::AccountId;

/// Ports that TWS and IB Gateway give to live sessions, unless somebody changes them.
const LIVE_PORTS: [u16; 2] = [7496, 4001];

/// Ports that they give to paper sessions.
const PAPER_PORTS: [u16; 2] = [7497, 4002];

/// Which kind of account the program was written to trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Paper,
    Live,
}

/// Checks what is known before connecting: the mode the program asked for, the prefix of the
/// account, and the port.
///
/// A port that is neither of the usual four says nothing, so it takes paper accounts only.
pub(crate) fn check_account(mode: Mode, account: &AccountId, port: u16) -> Result<(), Error> {
    let account = account.clone();
    match (mode, account.is_paper()) {
        (Mode::Paper, false) => return Err(Error::NotPaper { account }),
        (Mode::Live, true) => return Err(Error::NotLive { account }),
        (Mode::Paper, true) | (Mode::Live, false) => {}
    }
    match mode {
        Mode::Paper if LIVE_PORTS.contains(&port) => Err(Error::LivePort { account, port }),
        Mode::Live if PAPER_PORTS.contains(&port) => Err(Error::PaperPort { account, port }),
        Mode::Live if !LIVE_PORTS.contains(&port) => Err(Error::UnusualPort { account, port }),
        Mode::Paper | Mode::Live => Ok(()),
    }
}

/// Checks what the gateway says: the account must be one that it manages.
///
/// One more rule holds for paper: a gateway that also manages live accounts is a live gateway,
/// whatever its port.
pub(crate) fn check_managed(
    mode: Mode,
    account: &AccountId,
    managed: &[String],
) -> Result<(), Error> {
    let account = account.clone();
    if !managed.iter().any(|name| *name == account.as_str()) {
        return Err(Error::NotManaged { account, managed: managed.to_vec() });
    }
    let is_paper = |name: &&String| name.starts_with("DU") || name.starts_with("DF");
    let odd = managed.iter().find(|name| is_paper(name) != (mode == Mode::Paper));
    match (mode, odd) {
        (Mode::Paper, Some(other)) => Err(Error::LiveGateway { account, other: other.clone() }),
        (Mode::Live, _) | (_, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: [u16; 7] = [7496, 4001, 7497, 4002, 4000, 7495, 50_123];

    fn account(text: &str) -> AccountId {
        text.parse().unwrap()
    }

    /// The rules in words, written down a second time.
    fn allowed(mode: Mode, name: &str, port: u16) -> bool {
        let is_paper = ["DU1234567", "DF1234567"].contains(&name);
        match port {
            7496 | 4001 => mode == Mode::Live && !is_paper,
            7497 | 4002 => mode == Mode::Paper && is_paper,
            _ => mode == Mode::Paper && is_paper,
        }
    }

    #[test]
    fn every_combination_of_mode_account_and_port() {
        let mut count = 0;
        for mode in [Mode::Paper, Mode::Live] {
            for name in ["DU1234567", "DF1234567", "U1234567", "F1234567", "I1234567", "UD1"] {
                for port in PORTS {
                    let checked = check_account(mode, &account(name), port);
                    let expected = allowed(mode, name, port);
                    assert_eq!(checked.is_ok(), expected, "{mode:?} {name} {port}: {checked:?}");
                    count += usize::from(expected);
                }
            }
        }
        // Two paper accounts on five ports, four live ones on two.
        assert_eq!(count, 2 * 5 + 4 * 2);
    }

    #[test]
    fn each_refusal_has_its_own_error() {
        let check = |mode, name: &str, port| check_account(mode, &account(name), port).unwrap_err();
        assert!(matches!(check(Mode::Paper, "U1", 4002), Error::NotPaper { .. }));
        assert!(matches!(check(Mode::Live, "DU1", 4001), Error::NotLive { .. }));
        assert!(matches!(check(Mode::Paper, "DU1", 7496), Error::LivePort { port: 7496, .. }));
        assert!(matches!(check(Mode::Live, "U1", 4002), Error::PaperPort { port: 4002, .. }));
        assert!(matches!(check(Mode::Live, "U1", 4444), Error::UnusualPort { port: 4444, .. }));
    }

    #[test]
    fn the_gateway_must_manage_the_account() {
        let managed = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let check =
            |mode, name, names: &[&str]| check_managed(mode, &account(name), &managed(names));
        assert!(check(Mode::Paper, "DU1", &["DU1"]).is_ok());
        assert!(check(Mode::Paper, "DU1", &["DF2", "DU1"]).is_ok());
        assert!(check(Mode::Live, "U1", &["U1", "U2"]).is_ok());
        for names in [&[][..], &["DU2"], &["DU11"], &["U1"], &["du1"]] {
            let error = check(Mode::Paper, "DU1", names).unwrap_err();
            assert!(matches!(error, Error::NotManaged { .. }), "{names:?}");
        }
        let error = check(Mode::Paper, "DU1", &["DU1", "U7"]).unwrap_err();
        assert!(matches!(error, Error::LiveGateway { other, .. } if other == "U7"));
    }
}
