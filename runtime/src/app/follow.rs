use std::collections::{BTreeMap, BTreeSet};

use ringtap_net::{Interface, LinkChange};

use super::{
    accounts::SharedTaps,
    attach::{Outcome, attach},
    interfaces::{Selection, attachments},
};
use crate::config::{Config, Taps};

/// Told which interfaces are tapped, by name and index, whenever that changes: of a new one before
/// its first tap is on, of one that went after its last tap is off.
pub(crate) type OnInterfaces = Box<dyn FnMut(&[(String, u32)]) + Send>;

/// The tapped interfaces, followed through what becomes of them.
pub(crate) struct Followed {
    selection: Selection,
    taps: Taps,
    /// As they were when last heard of, those included whose taps could not be had.
    interfaces: BTreeMap<u32, Interface>,
    on_interfaces: OnInterfaces,
}

/// What a batch of notices comes down to.
#[derive(Debug, Default)]
struct Batch {
    /// Interfaces that went, even if one of the same index came since.
    gone: BTreeSet<u32>,
    /// The last that was heard of those that are there.
    there: BTreeMap<u32, Interface>,
    /// Whether others may have come to be wanted.
    look_again: bool,
}

impl Followed {
    pub(crate) fn new(config: &Config, on_interfaces: OnInterfaces) -> Self {
        let selection = Selection::of(config);
        let taps = config.taps.clone();
        Self { selection, taps, interfaces: BTreeMap::new(), on_interfaces }
    }

    /// Tap interfaces, those that are tapped already excepted.
    pub(crate) fn add(&mut self, interfaces: Vec<Interface>, taps: &SharedTaps) -> Outcome {
        let is_new = |it: &Interface| !self.interfaces.contains_key(&it.index);
        let new: Vec<_> = interfaces.into_iter().filter(is_new).collect();
        let mut outcome = Outcome::default();
        if new.is_empty() {
            return outcome;
        }
        self.interfaces.extend(new.iter().map(|it| (it.index, it.clone())));
        self.tell();
        let wanted = new.iter().flat_map(|it| attachments(&self.taps, it));
        taps.with(|taps| taps.prepare(wanted));
        for interface in &new {
            if !carries(interface) {
                say_down(interface);
            }
            outcome.add(attach(&self.taps, interface, self.selection.because(), taps));
        }
        outcome
    }

    /// Interfaces that went take their taps with them, others keep theirs for as long as they are
    /// wanted by their name, and new ones get theirs. Call it in the network namespace of the start.
    pub(crate) fn follow(
        &mut self,
        changes: Vec<LinkChange>,
        taps: &SharedTaps,
    ) -> anyhow::Result<()> {
        let batch = Batch::of(changes);
        let is_tapped = |index: &&u32| self.interfaces.contains_key(*index);
        let mut off: Vec<_> = batch.gone.iter().filter(is_tapped).copied().collect();
        let unwanted = batch.there.values().filter(|now| {
            let before = self.interfaces.get(&now.index);
            before.is_some_and(|before| before.name != now.name) && !self.selection.keeps(&now.name)
        });
        let unwanted: Vec<_> = unwanted.filter(|now| !off.contains(&now.index)).collect();
        for now in &unwanted {
            off.push(now.index);
        }
        self.release(&off, &unwanted, taps)?;
        for now in batch.there.values() {
            self.update(now, taps)?;
        }
        let new = match &self.selection {
            Selection::Named(_) => batch.there.into_values().collect(),
            Selection::DefaultRoutes if batch.look_again => self.selection.choose()?.interfaces,
            Selection::DefaultRoutes => Vec::new(),
        };
        let new = new.into_iter().filter(|it| self.selection.keeps(&it.name)).collect();
        for failure in self.add(new, taps).failures {
            match failure.is_gone() {
                true => tracing::info!("{:#}; going on without", anyhow::Error::from(failure)),
                false => tracing::error!("{:#}; going on without", anyhow::Error::from(failure)),
            }
        }
        if !off.is_empty() && taps.with(|taps| taps.attached().count()) == 0 {
            let awaited = self.selection.awaited();
            tracing::warn!("no tap is left: nothing is seen until there is {awaited}");
        }
        Ok(())
    }

    /// Take the taps of interfaces off that are gone, or called now what nobody asked for.
    fn release(
        &mut self,
        off: &[u32],
        unwanted: &[&Interface],
        taps: &SharedTaps,
    ) -> anyhow::Result<()> {
        if off.is_empty() {
            return Ok(());
        }
        for index in off {
            self.interfaces.remove(index);
        }
        for tap in taps.with(|taps| taps.detach(off))? {
            let why = match unwanted.iter().find(|now| now.index == tap.ifindex) {
                Some(now) => format!("is called {} now, which is not asked for", now.name),
                None => "is gone".to_owned(),
            };
            tracing::warn!(
                "{} {why}, and with it its tap {} {}; what that counted stays",
                tap.interface,
                tap.hook.name(),
                tap.direction.name()
            );
        }
        self.tell();
        Ok(())
    }

    /// Of an interface that stays, if it is tapped.
    fn update(&mut self, now: &Interface, taps: &SharedTaps) -> anyhow::Result<()> {
        let Some(known) = self.interfaces.get_mut(&now.index) else { return Ok(()) };
        let before = std::mem::replace(known, now.clone());
        match (carries(&before), carries(now)) {
            (true, false) => say_down(now),
            (false, true) => tracing::info!("{} is up", now.name),
            _ => {}
        }
        if before.name != now.name {
            taps.with(|taps| taps.rename(now.index, &now.name))?;
            self.tell();
            // Last, so that filters know the new name too when it is said.
            tracing::warn!(
                "{} is called {} now; its taps stay, and count under that name from here on",
                before.name,
                now.name
            );
        }
        Ok(())
    }

    fn tell(&mut self) {
        let interfaces: Vec<_> =
            self.interfaces.values().map(|it| (it.name.clone(), it.index)).collect();
        (self.on_interfaces)(&interfaces);
    }
}

impl Batch {
    fn of(changes: Vec<LinkChange>) -> Self {
        let mut batch = Self::default();
        for change in changes {
            match change {
                LinkChange::Appeared(now) | LinkChange::Changed(now) => {
                    batch.there.insert(now.index, now);
                }
                LinkChange::Gone { index, .. } => {
                    batch.there.remove(&index);
                    batch.gone.insert(index);
                }
                LinkChange::DefaultRoute | LinkChange::Overrun => batch.look_again = true,
            }
        }
        batch
    }
}

/// Whether packets can pass, as far as the kernel knows (RFC 2863's operational state).
fn carries(interface: &Interface) -> bool {
    interface.up && interface.operational != Some(false)
}

fn say_down(interface: &Interface) {
    tracing::warn!("{} is down: its taps see nothing until it is up", interface.name);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(index: u32, name: &str) -> Interface {
        Interface {
            index,
            name: name.to_owned(),
            kind: None,
            hardware: 1,
            mtu: 1500,
            up: true,
            operational: None,
            xdp: None,
        }
    }

    fn gone(index: u32) -> LinkChange {
        LinkChange::Gone { index, name: String::new() }
    }

    #[test]
    fn a_batch_keeps_what_holds_in_the_end() {
        let appeared = |index, name| LinkChange::Appeared(interface(index, name));
        let batch = Batch::of(vec![
            appeared(2, "a"),
            gone(2),
            gone(3),
            appeared(3, "b"),
            LinkChange::Changed(interface(3, "c")),
        ]);
        assert_eq!(batch.gone, [2, 3].into());
        let there: Vec<_> = batch.there.values().map(|it| (it.index, it.name.as_str())).collect();
        assert_eq!(there, [(3, "c")]);
        assert!(!batch.look_again);
        assert!(Batch::of(vec![LinkChange::DefaultRoute]).look_again);
        assert!(Batch::of(vec![LinkChange::Overrun]).look_again);
    }
}
