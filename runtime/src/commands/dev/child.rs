//! Programs that `dev` starts. Each is a process group of its own, with all that it starts itself, so
//! that nothing of it stays behind.

use std::{
    io,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// A runtime drains its queues before it ends; after this, it is ended.
const GRACE: Duration = Duration::from_secs(10);

/// A process group that ends, at once, when this is dropped.
#[derive(Debug)]
pub(super) struct Group {
    leader: Child,
    group: Option<Pid>,
}

impl Group {
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        let leader = command.stdin(Stdio::null()).process_group(0).spawn()?;
        let group = leader.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        Ok(Self { leader, group })
    }

    /// What it writes, where that was asked for.
    pub(super) fn output(&mut self) -> Option<ChildStdout> {
        self.leader.stdout.take()
    }

    pub(super) async fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.leader.wait().await;
        self.kill();
        status
    }

    /// Ask it to end, and wait for that.
    pub(super) async fn end(mut self) {
        self.signal(Signal::TERM);
        // One that does not is ended by being dropped.
        timeout(GRACE, self.wait()).await.ok();
    }

    fn signal(&self, signal: Signal) {
        // Where there is nobody any more, all is well.
        self.group.map(|group| kill_process_group(group, signal).ok());
    }

    /// Whatever its leader has left behind.
    fn kill(&mut self) {
        self.signal(Signal::KILL);
        // The number may be another's from now on.
        self.group = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Its process, as long as it is no zombie.
    fn runs(pid: &str) -> bool {
        let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = state.rsplit(") ").next().unwrap_or_default().to_owned();
        !state.is_empty() && !state.starts_with('Z')
    }

    async fn until(mut condition: impl FnMut() -> bool) {
        for _ in 0..3000 {
            if condition() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not within 30 s");
    }

    /// A shell with a child of its own, and the child's number.
    async fn shell(then: &str) -> (Group, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let script =
            format!("sleep 1000 & echo $! > {0}.new; mv {0}.new {0}; {then}", file.display());
        let group = Group::start(Command::new("sh").args(["-c", &script])).unwrap();
        until(|| file.exists()).await;
        (group, fs::read_to_string(file).unwrap().trim().to_owned())
    }

    #[tokio::test]
    async fn what_a_program_started_ends_with_it() {
        let (group, child) = shell("wait").await;
        assert!(runs(&child));
        drop(group);
        until(|| !runs(&child)).await;

        let (mut group, child) = shell("exit 3").await;
        assert_eq!(group.wait().await.unwrap().code(), Some(3));
        until(|| !runs(&child)).await;

        let (group, child) = shell("trap 'exit 0' TERM; wait").await;
        group.end().await;
        until(|| !runs(&child)).await;
    }
}
