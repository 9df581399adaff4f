use std::{borrow::Cow, net::IpAddr};

use crate::MacAddress;

/// A value of a field.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "named by what they hold")]
pub enum Value {
    Text(Cow<'static, str>),
    Int(i64),
    Uint(u64),
    Float(f64),
    Truth(bool),
    Bytes(Vec<u8>),
}

macro_rules! values {
    ($($from:ty => $variant:ident),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

values! {
    &'static str => Text, String => Text,
    i8 => Int, i16 => Int, i32 => Int, i64 => Int,
    u8 => Uint, u16 => Uint, u32 => Uint, u64 => Uint,
    f32 => Float, f64 => Float, bool => Truth, Vec<u8> => Bytes,
}

impl From<IpAddr> for Value {
    fn from(address: IpAddr) -> Self {
        Self::Text(address.to_string().into())
    }
}

impl From<MacAddress> for Value {
    fn from(address: MacAddress) -> Self {
        Self::Text(address.to_string().into())
    }
}
