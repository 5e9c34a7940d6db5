//! Protobuf messages without a schema: tags and values, in the order of the wire.

use std::fmt;

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Fields(Vec<(u32, Value)>);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Number(i64),
    Double(f64),
    Bytes(Vec<u8>),
}

impl Fields {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Sets a field; one of the same tag is replaced.
    pub(crate) fn set(mut self, tag: u32, value: Value) -> Self {
        self.0.retain(|(other, _)| *other != tag);
        self.0.push((tag, value));
        self
    }

    pub(crate) fn without(mut self, tag: u32) -> Self {
        self.0.retain(|(other, _)| *other != tag);
        self
    }

    pub(crate) fn int(self, tag: u32, value: i32) -> Self {
        self.set(tag, Value::Number(value.into()))
    }

    pub(crate) fn double(self, tag: u32, value: f64) -> Self {
        self.set(tag, Value::Double(value))
    }

    pub(crate) fn text(self, tag: u32, value: &str) -> Self {
        self.set(tag, Value::Bytes(value.as_bytes().to_vec()))
    }

    pub(crate) fn message(self, tag: u32, value: Self) -> Self {
        self.set(tag, Value::Bytes(value.encode()))
    }

    pub(crate) fn tags(&self) -> Vec<u32> {
        self.0.iter().map(|(tag, _)| *tag).collect()
    }

    pub(crate) fn values(&self) -> &[(u32, Value)] {
        &self.0
    }

    pub(crate) fn get(&self, tag: u32) -> Option<&Value> {
        self.0.iter().find(|(other, _)| *other == tag).map(|(_, value)| value)
    }

    pub(crate) fn all(&self, tag: u32) -> Vec<Self> {
        let same = self.0.iter().filter(|(other, _)| *other == tag);
        same.map(|(_, value)| value.message().unwrap()).collect()
    }

    /// Returns a whole number; 0 if it is not there.
    pub(crate) fn number(&self, tag: u32) -> i64 {
        match self.get(tag) {
            Some(Value::Number(number)) => *number,
            None => 0,
            Some(other) => panic!("field {tag} is {other}, and no whole number"),
        }
    }

    pub(crate) fn double_of(&self, tag: u32) -> f64 {
        match self.get(tag) {
            Some(Value::Double(number)) => *number,
            other => panic!("field {tag} is {other:?}, and no double"),
        }
    }

    /// Returns a text; empty if it is not there.
    pub(crate) fn text_of(&self, tag: u32) -> String {
        match self.get(tag) {
            Some(Value::Bytes(bytes)) => String::from_utf8(bytes.clone()).unwrap(),
            None => String::new(),
            Some(other) => panic!("field {tag} is {other}, and no text"),
        }
    }

    pub(crate) fn inner(&self, tag: u32) -> Self {
        let value = self.get(tag).unwrap_or_else(|| panic!("no field {tag} in {self:?}"));
        value.message().unwrap()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (tag, value) in &self.0 {
            match value {
                Value::Number(number) => {
                    varint(u64::from(*tag) << 3, &mut out);
                    varint(*number as u64, &mut out);
                }
                Value::Double(number) => {
                    varint(u64::from(*tag) << 3 | 1, &mut out);
                    out.extend(number.to_le_bytes());
                }
                Value::Bytes(bytes) => {
                    varint(u64::from(*tag) << 3 | 2, &mut out);
                    varint(bytes.len() as u64, &mut out);
                    out.extend(bytes);
                }
            }
        }
        out
    }

    /// Reads a message; nothing if the bytes are none.
    pub(crate) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let key = read_varint(&mut bytes)?;
            let tag = u32::try_from(key >> 3).ok().filter(|tag| *tag > 0)?;
            let value = match key & 7 {
                0 => Value::Number(read_varint(&mut bytes)? as i64),
                1 => {
                    let (number, rest) = bytes.split_first_chunk::<8>()?;
                    bytes = rest;
                    Value::Double(f64::from_le_bytes(*number))
                }
                2 => {
                    let length = usize::try_from(read_varint(&mut bytes)?).ok()?;
                    let (value, rest) = bytes.split_at_checked(length)?;
                    bytes = rest;
                    Value::Bytes(value.to_vec())
                }
                _ => return None,
            };
            fields.push((tag, value));
        }
        Some(Self(fields))
    }
}

impl Value {
    fn message(&self) -> Option<Fields> {
        match self {
            Self::Bytes(bytes) => Fields::decode(bytes),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Double(number) => write!(f, "{number:?}"),
            Self::Bytes(bytes) => write!(f, "{:?}", String::from_utf8_lossy(bytes)),
        }
    }
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
