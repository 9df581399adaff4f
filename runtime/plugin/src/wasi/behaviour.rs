use wasmtime::{
    StoreContextMut,
    component::{
        Type, Val,
        types::{ComponentFunc, ResultType},
    },
};

use super::{
    Ambient, Output,
    handle::{self, Kind},
};

/// Bytes that one write may have; WASI lets a guest ask before each.
const WRITABLE: u64 = 64 << 10;

/// Random bytes that one call may ask for.
const MAX_RANDOM: u64 = 64 << 10;

/// The numbers of the handles of output streams.
const OUT: u32 = 1;
const ERR: u32 = 2;

/// What functions answer for which there is nothing, of all that their errors can be.
const DENIALS: [&str; 4] = ["access", "access-denied", "closed", "HTTP-request-denied"];

/// What a function of WASI does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behaviour {
    /// Ends the call.
    Exit,
    /// Gives a handle of that kind and number.
    Give(Kind, u32),
    Time,
    MonotonicTime,
    TimeResolution,
    MonotonicResolution,
    Random,
    RandomBytes,
    RandomPair,
    /// All are ready.
    Poll,
    IsReady,
    /// Returns at once.
    Wait,
    Writable,
    Print,
    /// There is nothing to do.
    Done,
    /// There is nothing there, or it may not be had.
    Nothing,
}

/// Why a call of WASI ends the call of the plugin.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("the plugin called `{0}`: it ended itself")]
    Exit(String),
    #[error("the plugin called `{0}`, which plugins have no use of")]
    Absent(String),
    #[error("the plugin called `{0}` with arguments of other types than WASI's")]
    Arguments(String),
    #[error("the plugin called `{function}` for {count} bytes: at most {MAX_RANDOM} are given")]
    TooManyBytes { function: String, count: u64 },
}

impl Behaviour {
    /// Of a function of the interface, such as `io/poll`.
    pub(super) fn of(interface: &str, function: &str) -> Self {
        match (interface, function) {
            ("cli/exit", _) => Self::Exit,
            ("cli/stdin", _) => Self::Give(Kind::InputStream, 0),
            ("cli/stdout", _) => Self::Give(Kind::OutputStream, OUT),
            ("cli/stderr", _) => Self::Give(Kind::OutputStream, ERR),
            ("clocks/wall-clock", "now") => Self::Time,
            ("clocks/wall-clock", "resolution") => Self::TimeResolution,
            ("clocks/monotonic-clock", "now") => Self::MonotonicTime,
            ("clocks/monotonic-clock", "resolution") => Self::MonotonicResolution,
            ("clocks/monotonic-clock", _) => Self::Give(Kind::Pollable, 0),
            ("random/random", "get-random-u64")
            | ("random/insecure", "get-insecure-random-u64") => Self::Random,
            ("random/random", "get-random-bytes")
            | ("random/insecure", "get-insecure-random-bytes") => Self::RandomBytes,
            ("random/insecure-seed", _) => Self::RandomPair,
            ("io/poll", "poll") => Self::Poll,
            ("io/poll", "[method]pollable.ready") => Self::IsReady,
            ("io/poll", "[method]pollable.block") => Self::Wait,
            ("io/streams", function) => Self::of_streams(function),
            ("sockets/instance-network", _) => Self::Give(Kind::Network, 0),
            _ => Self::Nothing,
        }
    }

    fn of_streams(function: &str) -> Self {
        match function.strip_prefix("[method]output-stream.") {
            Some("check-write") => Self::Writable,
            Some("write" | "blocking-write-and-flush") => Self::Print,
            Some(
                "flush" | "blocking-flush" | "write-zeroes" | "blocking-write-zeroes-and-flush",
            ) => Self::Done,
            Some("subscribe") => Self::Give(Kind::Pollable, 0),
            None if function == "[method]input-stream.subscribe" => Self::Give(Kind::Pollable, 0),
            _ => Self::Nothing,
        }
    }

    /// Answer a call of the function whose full name is `name`.
    pub(super) fn run<T: Ambient>(
        self,
        name: &str,
        mut store: StoreContextMut<'_, T>,
        ty: &ComponentFunc,
        given: &[Val],
        answer: &mut [Val],
    ) -> wasmtime::Result<()> {
        let handles = handle::take(&mut store, given)?;
        let value = match self {
            Self::Give(kind, number) => Some(handle::give(&mut store, kind, number)?),
            Self::Nothing => nothing(ty),
            _ => self.value(name, store.data_mut(), &handles, given)?,
        };
        match (answer, value) {
            ([], _) => Ok(()),
            ([answer], Some(value)) => {
                *answer = value;
                Ok(())
            }
            _ => Err(Ended::Absent(name.to_owned()).into()),
        }
    }

    fn value(
        self,
        name: &str,
        ambient: &mut impl Ambient,
        handles: &[u32],
        given: &[Val],
    ) -> wasmtime::Result<Option<Val>> {
        let value = match (self, given) {
            (Self::Exit, _) => return Err(Ended::Exit(name.to_owned()).into()),
            (Self::Time, []) => instant(ambient.time()),
            (Self::TimeResolution, []) => instant(1),
            (Self::MonotonicTime, []) => Val::U64(ambient.monotonic_time()),
            (Self::MonotonicResolution, []) => Val::U64(1),
            (Self::Random, []) => Val::U64(ambient.random()),
            (Self::RandomPair, []) => {
                Val::Tuple([ambient.random(), ambient.random()].map(Val::U64).into())
            }
            (Self::RandomBytes, [Val::U64(count)]) => bytes(name, ambient, *count)?,
            (Self::Poll, [Val::List(pollables)]) => {
                Val::List((0..).map(Val::U32).take(pollables.len()).collect())
            }
            (Self::IsReady, _) => Val::Bool(true),
            (Self::Wait, _) => return Ok(None),
            (Self::Writable, _) => success(Some(Val::U64(WRITABLE))),
            (Self::Print, [_, Val::List(bytes)]) => {
                print(ambient, handles, bytes);
                success(None)
            }
            (Self::Done, _) => success(None),
            _ => return Err(Ended::Arguments(name.to_owned()).into()),
        };
        Ok(Some(value))
    }
}

fn instant(ns: u64) -> Val {
    const SECOND: u64 = 1_000_000_000;
    Val::Record(vec![
        ("seconds".to_owned(), Val::U64(ns / SECOND)),
        ("nanoseconds".to_owned(), Val::U32((ns % SECOND) as u32)),
    ])
}

fn success(value: Option<Val>) -> Val {
    Val::Result(Ok(value.map(Box::new)))
}

fn bytes(name: &str, ambient: &mut impl Ambient, count: u64) -> Result<Val, Ended> {
    if count > MAX_RANDOM {
        return Err(Ended::TooManyBytes { function: name.to_owned(), count });
    }
    let bytes = ambient.random_bytes(count as usize);
    Ok(Val::List(bytes.into_iter().map(Val::U8).collect()))
}

fn print(ambient: &mut impl Ambient, handles: &[u32], bytes: &[Val]) {
    let output = match handles {
        [OUT] => Output::Out,
        [ERR] => Output::Err,
        _ => return,
    };
    let bytes = bytes.iter().filter_map(|byte| match byte {
        Val::U8(byte) => Some(*byte),
        _ => None,
    });
    ambient.print(output, &bytes.collect::<Vec<_>>());
}

/// A value of the function's own type that stands for nothing, if there is one.
fn nothing(ty: &ComponentFunc) -> Option<Val> {
    match ty.results().next()? {
        Type::List(_) => Some(Val::List(Vec::new())),
        Type::Option(_) => Some(Val::Option(None)),
        Type::Result(result) => denial(&result),
        _ => None,
    }
}

fn denial(result: &ResultType) -> Option<Val> {
    let denies = |name: &str| DENIALS.contains(&name);
    let error = match result.err() {
        None => None,
        Some(Type::Enum(error)) => {
            let name = error.names().find(|name| denies(name))?;
            Some(Box::new(Val::Enum(name.to_owned())))
        }
        Some(Type::Variant(error)) => {
            let case = error.cases().find(|case| case.ty.is_none() && denies(case.name))?;
            Some(Box::new(Val::Variant(case.name.to_owned(), None)))
        }
        Some(_) => return None,
    };
    Some(Val::Result(Err(error)))
}
