use std::{
    thread,
    time::{Duration, Instant},
};

/// The longest wait for anything: a machine under load is slow, and a test that passes never waits
/// this long.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How often is looked.
const GLANCE: Duration = Duration::from_millis(5);

/// Wait until `condition` holds; panics with `what` when it does not.
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    until_some(what, || condition().then_some(()));
}

/// Wait for something to be there.
pub fn until_some<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    until_some_or(|| what.to_owned(), look)
}

/// As [`until_some`]; panics with what `say` says when the time is over.
pub(crate) fn until_some_or<T>(say: impl Fn() -> String, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {} s: {}", PATIENCE.as_secs(), say());
        thread::sleep(GLANCE);
    }
}
