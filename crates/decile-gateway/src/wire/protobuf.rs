//! The protobuf dialect, server versions 213 and above: a body is a message id plus 200 in four
//! bytes, the greatest first, and a message.

mod attributes;
mod decode;
mod encode;
mod messages;

pub(crate) use decode::request;
pub(crate) use encode::reply;

/// What is added to the id of a message to say that it is protobuf.
const OFFSET: i32 = 200;
