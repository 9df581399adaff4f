use std::{os::unix::fs::MetadataExt, path::Path, time::Duration};

use crate::files::config_path;

/// Of the component and of its config, links followed. Equal as long as neither was touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint([Option<Touched>; 2]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Touched {
    file: (u64, u64),
    size: u64,
    modified: (i64, i64),
    /// Unlike the time of modification, nobody can set it.
    changed: (i64, i64),
}

impl Fingerprint {
    pub(crate) fn of(path: &Path) -> Self {
        let touched = |path: &Path| {
            let metadata = std::fs::metadata(path).ok()?;
            Some(Touched {
                file: (metadata.dev(), metadata.ino()),
                size: metadata.size(),
                modified: (metadata.mtime(), metadata.mtime_nsec()),
                changed: (metadata.ctime(), metadata.ctime_nsec()),
            })
        };
        Self([touched(path), touched(&config_path(path))])
    }

    /// Whether either file was touched less than `time` before `now`, in Unix time.
    pub(crate) fn touched_within(&self, time: Duration, now: Duration) -> bool {
        self.0.iter().flatten().any(|touched| {
            let (seconds, nanoseconds) = touched.changed;
            let changed = Duration::from_secs(seconds.unsigned_abs())
                + Duration::from_nanos(nanoseconds.unsigned_abs());
            // A time to come tells nothing: the clock was set back, or is another machine's.
            now.checked_sub(changed).is_some_and(|age| age < time)
        })
    }
}
