//! A small client of the text dialect: fields, and nothing of the gateway's types.

use super::framed;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct TextClient {
    stream: TcpStream,
}

impl TextClient {
    /// Connects at a version and reads the greeting up to its last farm.
    pub(crate) fn connect(address: SocketAddr, client_id: i32, version: i32) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut client = Self { stream };
        client.stream.write_all(b"API\0").unwrap();
        client.stream.write_all(&framed(format!("v100..{version}").as_bytes())).unwrap();
        assert_eq!(client.next().unwrap().len(), 2);
        client.send(&format!("71|2|{client_id}|"));
        client.until(|fields| fields[0] == "4" && fields[3] == "2158");
        client
    }

    /// Sends a message whose fields are written with bars between them.
    pub(crate) fn send(&mut self, fields: &str) {
        let body = format!("{}\0", fields.replace('|', "\0"));
        self.stream.write_all(&framed(body.as_bytes())).unwrap();
    }

    /// Reads the fields of the next message; nothing if the connection has ended.
    pub(crate) fn next(&mut self) -> Option<Vec<String>> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).ok()?;
        let mut body = vec![0; u32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut body).ok()?;
        let text = String::from_utf8(body).unwrap();
        let text = text.strip_suffix('\0').unwrap_or_else(|| panic!("{text:?} has no end"));
        Some(text.split('\0').map(str::to_owned).collect())
    }

    pub(crate) fn until(&mut self, is_last: impl Fn(&[String]) -> bool) -> Vec<Vec<String>> {
        let mut all = Vec::new();
        loop {
            let fields =
                self.next().unwrap_or_else(|| panic!("the connection ended after {all:#?}"));
            all.push(fields);
            if is_last(&all[all.len() - 1]) {
                return all;
            }
        }
    }

    /// Sends a request and returns all that comes back, with bars between the fields.
    pub(crate) fn ask(&mut self, fields: &str) -> Vec<String> {
        self.send(fields);
        self.rest()
    }

    /// Returns all that has come in the meantime, with bars between the fields.
    pub(crate) fn rest(&mut self) -> Vec<String> {
        self.send("8|1|1");
        let mut told = self.until(|fields| fields[0] == "9");
        told.pop();
        told.iter().map(|fields| fields.join("|")).collect()
    }

    /// Places an order in a stock; `order` are the seven fields from the action to the OCA group.
    pub(crate) fn place(&mut self, order_id: i32, symbol: &str, order: &str) -> Vec<String> {
        self.ask(&placed(order_id, symbol, order, 178))
    }
}

/// Returns the message of an order as a client writes it at a version.
pub(crate) fn placed(order_id: i32, symbol: &str, order: &str, version: i32) -> String {
    // The profile of an allocation went with version 177.
    let profile = if version < 177 { "|" } else { "" };
    format!(
        "3|{order_id}|0|{symbol}|STK||0.0|||SMART||USD|||||{order}||O|0|ref|1|0|0|0|0|0|0|0||0.0\
         {profile}|||||||0||-1|0|||0|||0|0||0||||||0|||||0|||||||||||0|||0|0|||0||0|0|0|0|||||||0|\
         ||||||||0|0|0|0|||0|||"
    )
}

/// Returns the message of an order at version 178 with another value in one of its fields.
pub(crate) fn with_field(message: &str, place: usize, value: &str) -> String {
    let mut fields: Vec<&str> = message.split('|').collect();
    fields[place] = value;
    fields.join("|")
}

/// Where the message of an order at version 178 says whether it is to be let go, what it waits
/// for, until when it is good, how its group cancels, where its stop begins, and whether it only
/// asks.
pub(crate) const TRANSMIT: usize = 27;
pub(crate) const PARENT: usize = 28;
pub(crate) const GOOD_TILL: usize = 38;
pub(crate) const OCA_TYPE: usize = 46;
pub(crate) const TRAIL_STOP: usize = 68;
pub(crate) const WHAT_IF: usize = 84;
