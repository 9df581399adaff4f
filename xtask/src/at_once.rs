use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use anyhow::Result;

/// Do this with each, as many at a time as there are cores, and begin no more once one has failed. The
/// error is the first one's in their order.
pub(crate) fn at_once<T: Sync>(all: &[T], work: impl Fn(&T) -> Result<()> + Sync) -> Result<()> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let worker = || {
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = all.get(index) else { break };
            if let Err(error) = work(one) {
                failed.store(true, Ordering::Relaxed);
                return Some((index, error));
            }
        }
        None
    };
    let failures = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        let ended = workers.into_iter().filter_map(|worker| worker.join().expect("it says why"));
        ended.collect::<Vec<_>>()
    });
    failures.into_iter().min_by_key(|(index, _)| *index).map_or(Ok(()), |(_, error)| Err(error))
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
