use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use rayon::prelude::*;

/// Do this with each, as many at a time as there are cores, and begin no more once one has failed. The
/// error is the first one's in their order.
pub(crate) fn at_once<T: Sync>(all: &[T], work: impl Fn(&T) -> Result<()> + Sync) -> Result<()> {
    let failed = AtomicBool::new(false);
    let work = |one| {
        if failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        work(one).inspect_err(|_| failed.store(true, Ordering::Relaxed))
    };
    let outcomes: Vec<_> = all.par_iter().map(work).collect();
    outcomes.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use anyhow::ensure;

    use super::*;

    #[test]
    fn each_is_done_once_and_the_first_failure_is_told() {
        let all: Vec<_> = (0..50).collect();
        let done = Mutex::new(Vec::new());
        let work = |one: &i32| {
            done.lock().unwrap().push(*one);
            Ok(())
        };
        at_once(&all, work).unwrap();
        done.lock().unwrap().sort_unstable();
        assert_eq!(*done.lock().unwrap(), all);
        let fails = |one: &i32| {
            ensure!(*one != 7, "of {one}");
            Ok(())
        };
        assert_eq!(at_once(&all, fails).unwrap_err().to_string(), "of 7");
    }
}
