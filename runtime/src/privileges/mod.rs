//! What the process may do once it runs, and as whom.
//!
//! Capabilities are each thread's own. Those that attach taps and write tables (the main thread, the
//! plugin loader's, tokio's) keep what later taps take; those that run plugins, read rings and write
//! events keep nothing.

mod account;
mod capabilities;
mod needs;
mod places;

use std::thread;

use anyhow::Context;
use rustix::{
    process::{DumpableBehavior, set_dumpable_behavior},
    thread::{CapabilitySet, set_no_new_privs},
};

pub(crate) use self::{account::Account, capabilities::come_with_the_file, needs::Obstacle};
use crate::{
    config::Config,
    exit::{Exit, Failure, OrExit},
};

/// What the threads of a live runtime keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Privileges {
    kept: CapabilitySet,
    events: CapabilitySet,
}

impl Privileges {
    /// For what touches no tap.
    pub(crate) const NONE: Self =
        Self { kept: CapabilitySet::empty(), events: CapabilitySet::empty() };

    /// For what is configured: become the user of the configuration, if there is one, and have no
    /// more to gain. Call it before there are other threads, after opening what only root can.
    pub(crate) fn take(config: &mut Config) -> Result<Self, Failure> {
        let privileges = match Account::wanted(config).or_exit(Exit::Usage)? {
            Some(account) if !account.is_this() => Self::become_user(config, &account)?,
            _ => Self::as_this_user(config)?,
        };
        confine()?;
        Ok(privileges)
    }

    /// For a runtime in a lab, whose namespaces are entered again and again, for traffic to
    /// well-known ports and by ICMP.
    pub(crate) fn in_lab() -> Result<Self, Failure> {
        confine()?;
        let held = capabilities::held()?;
        let of_lab =
            CapabilitySet::SYS_ADMIN | CapabilitySet::NET_BIND_SERVICE | CapabilitySet::NET_RAW;
        let kept = capabilities::of_taps(held) | (held & of_lab);
        Ok(Self { kept, events: CapabilitySet::empty() })
    }

    /// What would be kept without becoming somebody else.
    fn as_this_user(config: &Config) -> anyhow::Result<Self> {
        let held = capabilities::held()?;
        let needs = needs::of(config, held)?;
        for (need, capabilities) in &needs {
            tracing::info!("keeping {}: {need}", capabilities::names(*capabilities));
        }
        let for_files = needs.iter().fold(CapabilitySet::empty(), |all, (_, one)| all | *one);
        let kept = capabilities::of_taps(held) | for_files;
        Ok(Self { kept, events: for_files })
    }

    fn become_user(config: &mut Config, account: &Account) -> Result<Self, Failure> {
        account.may_be_taken().or_exit(Exit::Host)?;
        places::give(config, account);
        if let Some(obstacle) = needs::obstacles(config, account)?.first() {
            return Err(anyhow::anyhow!("{obstacle}")).or_exit(Exit::Host);
        }
        let kept = capabilities::of_taps(capabilities::held()?);
        account.become_it(kept).with_context(|| format!("become user {account}"))?;
        tracing::info!("running as user {account}, with {}", capabilities::names(kept));
        Ok(Self { kept, events: CapabilitySet::empty() })
    }

    /// Have the calling thread keep no more than what a running instance needs.
    pub(crate) fn settle(&self) -> anyhow::Result<()> {
        capabilities::reduce_to(self.kept).context("give up capabilities")
    }

    /// Have the calling thread, which writes events, keep no more than that takes.
    pub(crate) fn settle_for_events(&self) {
        settle_or_say(self.events);
    }

    /// Call `start` where threads that it starts have no more than what a running instance needs.
    pub(crate) fn for_threads<T: Send>(
        &self,
        start: impl FnOnce() -> anyhow::Result<T> + Send,
    ) -> anyhow::Result<T> {
        thread::scope(|scope| {
            let work = || {
                self.settle()?;
                start()
            };
            let thread = thread::Builder::new().spawn_scoped(scope, work);
            match thread.context("start a thread")?.join() {
                Ok(outcome) => outcome,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    }
}

/// Of `check`: as whom the runtime would run, and what it would keep.
pub(crate) fn foreseen(config: &Config) -> anyhow::Result<String> {
    let held = capabilities::held()?;
    let (account, needs) = match Account::wanted(config)? {
        Some(account) if !account.is_this() => (account, Vec::new()),
        _ => (Account::this(), needs::of(config, held)?),
    };
    let kept = needs.iter().fold(capabilities::of_taps(held), |all, (_, one)| all | *one);
    Ok(format!("user {account}, with {}", capabilities::names(kept)))
}

/// What stands against running as the configured user, if another one is configured.
pub(crate) fn obstacles(config: &Config) -> anyhow::Result<Vec<Obstacle>> {
    match Account::wanted(config)? {
        Some(account) if !account.is_this() => {
            account.may_be_taken()?;
            needs::obstacles(config, &account)
        }
        _ => Ok(Vec::new()),
    }
}

/// Have the calling thread keep no capability.
pub(crate) fn drop_all() {
    settle_or_say(CapabilitySet::empty());
}

/// What the thread does needs no more, so it goes on in any case.
fn settle_or_say(kept: CapabilitySet) {
    if let Err(error) = capabilities::reduce_to(kept) {
        tracing::error!("a thread keeps capabilities that it does not need: {error}");
    }
}

/// Nothing that is started can have more, and nobody of the same user can look in: threads without
/// capabilities share their memory with those that have some.
fn confine() -> anyhow::Result<()> {
    set_no_new_privs(true).context("have no more privileges to gain")?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).context("be safe from debuggers")
}
