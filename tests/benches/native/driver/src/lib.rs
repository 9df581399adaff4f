//! Runs a plugin that is built for this machine, as the benchmark on the other end of the pipe asks.
//!
//! The argument is the counter of the packets that the plugin saw. First on stdin: the number of
//! batches, and for each its records, their bytes and those. Then any number of requests for so many
//! calls, each answered with their CPU time in ns and the counter. All are u64, little endian.

use std::{
    io::{self, Read, Write},
    time::Duration,
};

use ringtap_plugin::{Refusal, testing::Harness};

/// Calls that are timed together. Their buffers are made before, since a plugin without a sandbox
/// would be handed the records in place; taking the time costs more than a short call.
const CALLS_AT_ONCE: u64 = 32;

// What `export!` makes, in the canonical ABI with this machine's pointers.
unsafe extern "C" {
    #[link_name = "ringtap:plugin/lifecycle@0.1.0#init"]
    fn init(config: *mut u8, config_len: usize) -> *mut u8;

    #[link_name = "ringtap:plugin/aggregate@0.1.0#on-packets"]
    fn on_packets(
        sequence: i64,
        shed_before: i64,
        clock_offset_ns: i64,
        record_size: i32,
        count: i32,
        records: *mut u8,
        records_len: usize,
        payload: *mut u8,
        payload_len: usize,
    );
}

/// Stands in the harness, whose host is the thread's: the linked plugin has the same.
struct Nobody;

impl ringtap_plugin::Plugin for Nobody {
    fn new(_: &str) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

struct Batch {
    count: u64,
    records: Vec<u8>,
}

/// Serve until the other end is closed. The executable is linked with one plugin.
pub fn serve() -> io::Result<()> {
    let mut stdin = io::stdin().lock();
    let mut stdout = io::stdout();
    let batches: Vec<_> =
        (0..number(&mut stdin)?).map(|_| batch(&mut stdin)).collect::<io::Result<_>>()?;
    let counter = std::env::args().nth(1).unwrap_or_default();
    let host = Harness::<Nobody>::new("").map_err(|refusal| io::Error::other(refusal.to_string()))?;
    let mut plugin = Plugin::start()?;
    loop {
        let calls = match number(&mut stdin) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            calls => calls?,
        };
        let time = plugin.calls(&batches, calls);
        let counted: f64 = host.metrics(&counter).iter().map(|(_, value)| value).sum();
        stdout.write_all(&(time.as_nanos() as u64).to_le_bytes())?;
        stdout.write_all(&(counted as u64).to_le_bytes())?;
        stdout.flush()?;
    }
}

fn number(from: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn batch(from: &mut impl Read) -> io::Result<Batch> {
    let count = number(from)?;
    let mut records = vec![0; number(from)? as usize];
    from.read_exact(&mut records)?;
    Ok(Batch { count, records })
}

struct Plugin {
    sequence: u64,
    next: usize,
}

impl Plugin {
    fn start() -> io::Result<Self> {
        let (config, len) = owned(b"");
        // SAFETY: the plugin takes the buffer over, and answers with a pointer to its own result,
        // whose first byte is 0 for `ok`.
        let refused = unsafe { *init(config, len) } != 0;
        if refused {
            return Err(io::Error::other("the plugin refused to start"));
        }
        Ok(Self { sequence: 0, next: 0 })
    }

    /// CPU time of so many calls with one batch after the other.
    fn calls(&mut self, batches: &[Batch], mut calls: u64) -> Duration {
        let mut time = Duration::ZERO;
        while calls > 0 {
            let at_once = calls.min(CALLS_AT_ONCE);
            let next = (self.next..).map(|index| &batches[index % batches.len()]);
            let ready: Vec<_> =
                next.take(at_once as usize).map(|batch| (batch, owned(&batch.records))).collect();
            let start = thread_cpu_time();
            for (batch, records) in ready {
                self.call(batch, records);
            }
            time += thread_cpu_time() - start;
            self.next = (self.next + at_once as usize) % batches.len();
            calls -= at_once;
        }
        time
    }

    fn call(&mut self, batch: &Batch, (records, len): (*mut u8, usize)) {
        let (payload, payload_len) = owned(b"");
        let stride = len / batch.count as usize;
        // SAFETY: the arguments are a batch as `wit/types.wit` has it, in a buffer that the plugin
        // takes over.
        unsafe {
            on_packets(
                self.sequence as i64,
                0,
                0,
                stride as i32,
                batch.count as i32,
                records,
                len,
                payload,
                payload_len,
            );
        }
        self.sequence += batch.count;
    }
}

/// A copy that its taker frees.
fn owned(bytes: &[u8]) -> (*mut u8, usize) {
    let bytes = Box::leak(Box::<[u8]>::from(bytes));
    (bytes.as_mut_ptr(), bytes.len())
}

fn thread_cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}
