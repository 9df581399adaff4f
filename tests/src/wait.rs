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
pub fn until_some<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {} s: {what}", PATIENCE.as_secs());
        thread::sleep(GLANCE);
    }
}
