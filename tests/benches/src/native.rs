//! A plugin that is built for this machine, in a process of its own: what `export!` makes has the
//! same names in each, so that no process can be linked with two.

use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use ringtap_pipeline::batch::Batch;
use ringtap_record::PacketRecord;

/// The other end is `tests/benches/native/driver`.
pub(crate) struct Native {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
}

impl Native {
    /// Start the plugin in `program` and hand over the batches. `counter` is that of the packets
    /// that the plugin saw.
    pub(crate) fn start(
        program: &Path,
        counter: &str,
        batches: &[Arc<Batch>],
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.arg(counter);
        // Buffers come and go; the allocator shall keep what it has, as a guest's does.
        command
            .env("MALLOC_TRIM_THRESHOLD_", "1000000000")
            .env("MALLOC_MMAP_THRESHOLD_", "1000000000");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("start {}", program.display()))?;
        let stdin = child.stdin.take().context("the plugin has a stdin")?;
        let stdout = child.stdout.take().context("the plugin has a stdout")?;
        let mut native = Self { child, stdin, stdout };
        native.send(batches).context("hand the batches to the plugin")?;
        Ok(native)
    }

    fn send(&mut self, batches: &[Arc<Batch>]) -> std::io::Result<()> {
        let number = |value: usize| (value as u64).to_le_bytes();
        self.stdin.write_all(&number(batches.len()))?;
        for batch in batches {
            let bytes = PacketRecord::slice_as_bytes(&batch.records);
            self.stdin.write_all(&number(batch.len()))?;
            self.stdin.write_all(&number(bytes.len()))?;
            self.stdin.write_all(bytes)?;
        }
        Ok(())
    }

    /// CPU time of so many calls, with one batch after the other, and what the plugin has counted
    /// since it was started.
    pub(crate) fn calls(&mut self, calls: u64) -> anyhow::Result<(Duration, u64)> {
        self.stdin.write_all(&calls.to_le_bytes()).context("ask the plugin's process")?;
        let (time, counted) = (self.number()?, self.number()?);
        Ok((Duration::from_nanos(time), counted))
    }

    fn number(&mut self) -> anyhow::Result<u64> {
        let mut bytes = [0; 8];
        self.stdout.read_exact(&mut bytes).context("the plugin's process ended")?;
        Ok(u64::from_le_bytes(bytes))
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        // It may have ended already, and what it still does is of no use.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
