//! The text dialect, server versions 157 to 178: a body is fields that each end with a zero byte,
//! the first of them the id of the message.

mod decode;
mod encode;
mod fields;
mod place_order;

pub(crate) use decode::request;
pub(crate) use encode::reply;
