use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use wasmtime::{Store, StoreContextMut, UpdateDeadline};

use crate::limits::{Limiter, Limits};

/// Component-model handles that a store may hold. No interface of ours has resources.
const MAX_HANDLES: usize = 1000;

/// What keeps a store's guest within its limits.
#[derive(Debug)]
pub(crate) struct Bounds {
    pub(crate) limiter: Limiter,
    /// The deadline of the call that the store is in, on the CPU clock of the calling thread: on a
    /// busy machine wall time would end innocent calls.
    deadline: Duration,
    overrun: bool,
}

impl Bounds {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { limiter: Limiter::new(limits), deadline: Duration::ZERO, overrun: false }
    }

    /// Whether the last call was ended for overrunning its deadline.
    pub(crate) fn overrun(&self) -> bool {
        self.overrun
    }
}

/// A store whose guest can't exceed `limits`, once [`begin`] has set each call's deadline.
pub(crate) fn store<T>(engine: &wasmtime::Engine, limits: &Limits, data: T) -> Store<T>
where
    T: AsMut<Bounds> + 'static,
{
    let mut store = Store::new(engine, data);
    store.limiter(|data| &mut data.as_mut().limiter);
    store.set_hostcall_fuel(limits.host_call_bytes);
    store.set_max_component_handles(MAX_HANDLES);
    store.epoch_deadline_callback(|mut store: StoreContextMut<'_, T>| {
        let bounds = store.data_mut().as_mut();
        bounds.overrun = thread_cpu_time() >= bounds.deadline;
        Ok(if bounds.overrun { UpdateDeadline::Interrupt } else { UpdateDeadline::Continue(1) })
    });
    store
}

/// Give what this thread does next in the store `limit` of CPU time.
pub(crate) fn begin<T: AsMut<Bounds> + 'static>(store: &mut Store<T>, limit: Duration) {
    let bounds = store.data_mut().as_mut();
    bounds.deadline = thread_cpu_time() + limit;
    bounds.overrun = false;
    store.set_epoch_deadline(1);
}

fn thread_cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

impl AsMut<Self> for Bounds {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}
