use std::{sync::Arc, time::Duration};

use rustix::time::{ClockId, clock_gettime};
use wasmtime::{Store, StoreContextMut, UpdateDeadline, WasmBacktrace};

use crate::{
    allocations::{Allocations, Counting},
    engine::{Engine, Pulse},
    limits::{Limiter, Limits},
};

/// What keeps a store's guest within its limits.
#[derive(Debug)]
pub(crate) struct Bounds {
    pub(crate) limiter: Limiter,
    /// The deadline of the call that the store is in, on the CPU clock of the calling thread: on a
    /// busy machine wall time would end innocent calls.
    deadline: Duration,
    /// When that call began, on the same clock.
    began: Duration,
    overrun: bool,
    fuse: Option<Fuse>,
    /// Allocations, where they are counted.
    counting: Option<Box<Counting>>,
    pulse: Arc<Pulse>,
    /// Whether the pulse counts us.
    running: bool,
}

/// Ends a call at a certain place of it, whatever the time is: for tests of what a call that is ended
/// leaves behind.
#[derive(Clone, Copy, Debug)]
struct Fuse {
    /// Looks at the deadline so far: at the entry of each function and each turn of a loop.
    looks: u64,
    ends_at: u64,
}

impl Bounds {
    pub(crate) fn new(engine: &Engine, limits: &Limits) -> Self {
        Self {
            limiter: Limiter::new(limits),
            deadline: Duration::ZERO,
            began: Duration::ZERO,
            overrun: false,
            fuse: None,
            counting: None,
            pulse: engine.pulse(),
            running: false,
        }
    }

    /// The guest has returned: no deadline is to be watched until the next [`begin`].
    pub(crate) fn end(&mut self) {
        if std::mem::take(&mut self.running) {
            self.pulse.leave();
        }
    }

    /// Have the next call look at its deadline wherever it can, and be past it at the look of this
    /// number, from 1.
    pub(crate) fn set_fuse(&mut self, ends_at: u64) {
        self.fuse = Some(Fuse { looks: 0, ends_at });
    }

    /// Take the fuse out again: how often the call looked.
    pub(crate) fn take_fuse(&mut self) -> u64 {
        self.fuse.take().map_or(0, |fuse| fuse.looks)
    }

    /// Count allocations of the calls that follow, which makes them slow.
    pub(crate) fn count_allocations(&mut self) {
        self.counting = Some(Box::default());
    }

    /// Stop counting: what was counted.
    pub(crate) fn take_allocations(&mut self) -> Allocations {
        self.counting.take().map(|counting| counting.counted()).unwrap_or_default()
    }

    /// Whether the call is to end, and after how many epochs it is to look again if not.
    fn look(&mut self) -> (bool, u64) {
        match &mut self.fuse {
            None => (thread_cpu_time() >= self.deadline, self.next_look()),
            Some(fuse) => {
                fuse.looks += 1;
                (fuse.looks >= fuse.ends_at, 0)
            }
        }
    }

    /// Epochs until the next look: 0 to look wherever it can.
    fn next_look(&self) -> u64 {
        u64::from(self.fuse.is_none() && self.counting.is_none())
    }

    /// CPU time of this thread since [`begin`]: what the call took, asked by the thread that made
    /// it as soon as it returned. A system call.
    pub(crate) fn spent(&self) -> Duration {
        thread_cpu_time().saturating_sub(self.began)
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
    store.set_max_component_handles(limits.handles);
    store.epoch_deadline_callback(|mut store: StoreContextMut<'_, T>| {
        if store.data_mut().as_mut().counting.is_some() {
            let stack = WasmBacktrace::force_capture(&store);
            let counting = &mut store.data_mut().as_mut().counting;
            counting.iter_mut().for_each(|counting| counting.look(stack.frames()));
        }
        let bounds = store.data_mut().as_mut();
        let (ends, next) = bounds.look();
        bounds.overrun = ends;
        Ok(if ends { UpdateDeadline::Interrupt } else { UpdateDeadline::Continue(next) })
    });
    store
}

/// Give what this thread does next in the store `limit` of CPU time, until [`Bounds::end`].
pub(crate) fn begin<T: AsMut<Bounds> + 'static>(store: &mut Store<T>, limit: Duration) {
    let bounds = store.data_mut().as_mut();
    bounds.began = thread_cpu_time();
    bounds.deadline = bounds.began + limit;
    bounds.overrun = false;
    if !std::mem::replace(&mut bounds.running, true) {
        bounds.pulse.enter();
    }
    let first = bounds.next_look();
    store.set_epoch_deadline(first);
}

impl Drop for Bounds {
    fn drop(&mut self) {
        self.end();
    }
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
