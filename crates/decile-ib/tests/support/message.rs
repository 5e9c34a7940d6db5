//! Messages of the gateway's protocol, as far as these tests speak it.

/// A message that is being written, or one that is a part of another.
#[derive(Debug, Clone, Default)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn int(mut self, tag: u32, value: i64) -> Self {
        self.varint(u64::from(tag << 3));
        self.varint(value.cast_unsigned());
        self
    }

    pub(crate) fn text(self, tag: u32, text: &str) -> Self {
        self.bytes(tag, text.as_bytes())
    }

    pub(crate) fn double(mut self, tag: u32, value: f64) -> Self {
        self.varint(u64::from(tag << 3 | 1));
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(crate) fn part(self, tag: u32, part: &Self) -> Self {
        self.bytes(tag, &part.0)
    }

    fn bytes(mut self, tag: u32, bytes: &[u8]) -> Self {
        self.varint(u64::from(tag << 3 | 2));
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
        self
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// Returns the message as it goes over the wire, under its number in the text protocol.
    pub(crate) fn frame(&self, id: u32) -> Vec<u8> {
        let mut body = (id + 200).to_be_bytes().to_vec();
        body.extend(&self.0);
        framed(&body)
    }
}

pub(crate) fn framed(body: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
    frame.extend(body);
    frame
}

/// A message that was received.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Its number in the text protocol.
    pub(crate) id: u32,
    body: Vec<u8>,
}

enum Value<'a> {
    Int(u64),
    Bytes(&'a [u8]),
    Fixed,
}

impl Request {
    pub(crate) fn read(frame: &[u8]) -> Self {
        let id = u32::from_be_bytes(frame[..4].try_into().unwrap()) - 200;
        Self { id, body: frame[4..].to_vec() }
    }

    pub(crate) fn int(&self, tag: u32) -> Option<i64> {
        self.fields().into_iter().find_map(|(found, value)| match value {
            Value::Int(value) if found == tag => Some(value.cast_signed()),
            _ => None,
        })
    }

    pub(crate) fn part(&self, tag: u32) -> Option<Self> {
        self.fields().into_iter().find_map(|(found, value)| match value {
            Value::Bytes(bytes) if found == tag => Some(Self { id: 0, body: bytes.to_vec() }),
            _ => None,
        })
    }

    pub(crate) fn text(&self, tag: u32) -> Option<String> {
        self.part(tag).map(|part| String::from_utf8(part.body).unwrap())
    }

    fn fields(&self) -> Vec<(u32, Value<'_>)> {
        let mut rest = &self.body[..];
        let mut fields = Vec::new();
        while !rest.is_empty() {
            let key = varint(&mut rest);
            let value = match key & 7 {
                0 => Value::Int(varint(&mut rest)),
                1 => {
                    rest = &rest[8..];
                    Value::Fixed
                }
                2 => {
                    let length = usize::try_from(varint(&mut rest)).unwrap();
                    let (bytes, after) = rest.split_at(length);
                    rest = after;
                    Value::Bytes(bytes)
                }
                other => panic!("wire type {other}"),
            };
            fields.push(((key >> 3) as u32, value));
        }
        fields
    }
}

fn varint(rest: &mut &[u8]) -> u64 {
    let mut value = 0;
    for (place, byte) in rest.iter().enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            *rest = &rest[place + 1..];
            return value;
        }
    }
    panic!("a number that does not end");
}

/// Puts the number of a request into a recorded reply, whose first field is that of the recording.
pub(crate) fn renumbered(frame: &[u8], request_id: i64) -> Vec<u8> {
    let (id, mut rest) = (&frame[4..8], &frame[8..]);
    assert_eq!(rest[0], 0x08, "the first field is a number");
    rest = &rest[1..];
    varint(&mut rest);
    let mut body = id.to_vec();
    body.extend(Message::new().int(1, request_id).0);
    body.extend(rest);
    framed(&body)
}
