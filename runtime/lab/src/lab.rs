use std::{
    ffi::OsStr,
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::process::CommandExt,
    },
    path::PathBuf,
    process::Command,
    sync::Arc,
    thread::{self, JoinHandle},
};

use ringtap_net::{
    LinkStatistics, Namespace, create_veth, enter_new_namespace, link_statistics, move_link,
};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::{
    error::LabError,
    setup::{address, index, start},
    side::Side,
};

/// What a lab is like.
#[derive(Clone, Copy, Debug)]
pub struct LabConfig {
    /// Of both interfaces, in bytes without the link header. Default 1500.
    pub mtu: u32,
    /// Whether packets may be larger than the MTU on their way between the sides (GSO) and lack
    /// checksums. Default true, as the kernel has it; false for tests that count packets of TCP.
    pub offloads: bool,
}

impl Default for LabConfig {
    fn default() -> Self {
        Self { mtu: 1500, offloads: true }
    }
}

/// A lab. Clones are the same lab; it is gone when the last clone, and every socket, thread and
/// process inside, is.
#[derive(Clone, Debug)]
pub struct Lab(Arc<Sides>);

#[derive(Debug)]
struct Sides {
    near: Namespace,
    far: Namespace,
    ipv6: bool,
}

impl Lab {
    /// Make a lab. Takes CAP_SYS_ADMIN and CAP_NET_ADMIN. The calling thread stays where it is.
    pub fn new(config: LabConfig) -> Result<Self, LabError> {
        let new_namespace = || -> Result<Namespace, LabError> {
            enter_new_namespace()?;
            Ok(Namespace::current()?)
        };
        let near = on_thread(new_namespace)??;
        let far = on_thread(new_namespace)??;
        let mut sides = Sides { near, far, ipv6: false };
        sides.inside(Side::Near, || -> Result<(), LabError> {
            let (near, far) = (Side::Near.interface(), Side::Far.interface());
            create_veth(near, far, &sides.near)?;
            // Both are made here so that their indexes differ: where both are the same, the kernel
            // takes the pair for one device and may take a second to notice that it is up.
            Ok(move_link(index(Side::Far)?, &sides.far)?)
        })??;
        let ipv6 = Side::BOTH.map(|side| sides.inside(side, || start(side, config)));
        for side in ipv6 {
            sides.ipv6 = side??;
        }
        for side in Side::BOTH {
            sides.inside(side, || address(side, sides.ipv6))??;
        }
        Ok(Self(Arc::new(sides)))
    }

    /// Run `work` on a thread inside. Sockets that it makes stay on that side when they leave it.
    ///
    /// A panic in `work` goes on in the caller. Fails when this process may no longer enter.
    pub fn inside<R: Send>(
        &self,
        side: Side,
        work: impl FnOnce() -> R + Send,
    ) -> Result<R, LabError> {
        self.0.inside(side, work)
    }

    /// Start a thread inside. It keeps its side alive until it ends.
    pub fn spawn<R: Send + 'static>(
        &self,
        side: Side,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<JoinHandle<R>, LabError> {
        self.inside(side, || {
            thread::Builder::new().name(format!("lab-{}", side.interface())).spawn(work)
        })?
        .map_err(|source| LabError::Thread { source })
    }

    /// A command that runs inside. It shares all but the network with this process.
    pub fn command(&self, side: Side, program: impl AsRef<OsStr>) -> Result<Command, LabError> {
        let namespace = OwnedFd::from(self.namespace(side).try_clone()?);
        let mut command = Command::new(program);
        let enter = move || {
            let kind = Some(LinkNameSpaceType::Network);
            Ok(move_into_link_name_space(namespace.as_fd(), kind)?)
        };
        // SAFETY: between fork and exec, `enter` makes one system call and doesn't allocate.
        unsafe { command.pre_exec(enter) };
        Ok(command)
    }

    pub fn namespace(&self, side: Side) -> &Namespace {
        self.0.namespace(side)
    }

    /// Where other processes find the namespace while this one lives: `nsenter --net=PATH`.
    pub fn namespace_path(&self, side: Side) -> PathBuf {
        let fd = self.namespace(side).as_fd().as_raw_fd();
        format!("/proc/{}/fd/{fd}", std::process::id()).into()
    }

    /// Whether there is IPv6; the kernel may have been started without.
    pub fn has_ipv6(&self) -> bool {
        self.0.ipv6
    }

    /// Index of the side's interface, in its namespace.
    pub fn index(&self, side: Side) -> Result<u32, LabError> {
        self.inside(side, || index(side))?
    }

    /// What the side's interface has counted.
    pub fn statistics(&self, side: Side) -> Result<LinkStatistics, LabError> {
        self.inside(side, || {
            link_statistics(index(side)?)?.ok_or(LabError::NoInterface(side.interface()))
        })?
    }
}

impl Sides {
    fn namespace(&self, side: Side) -> &Namespace {
        match side {
            Side::Near => &self.near,
            Side::Far => &self.far,
        }
    }

    fn inside<R: Send>(&self, side: Side, work: impl FnOnce() -> R + Send) -> Result<R, LabError> {
        let namespace = self.namespace(side);
        on_thread(|| {
            namespace.enter()?;
            Ok(work())
        })?
    }
}

fn on_thread<R: Send>(work: impl FnOnce() -> R + Send) -> Result<R, LabError> {
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .spawn_scoped(scope, work)
            .map_err(|source| LabError::Thread { source })?;
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}
