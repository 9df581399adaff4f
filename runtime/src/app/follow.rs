use std::collections::BTreeMap;

use ringtap_net::{Interface, LinkChange};

use super::{accounts::SharedTaps, tapped::Tapped};

/// The tapped interfaces as they were when last heard of, so that what becomes of them can be said.
#[derive(Debug)]
pub(crate) struct Followed {
    interfaces: BTreeMap<u32, Interface>,
    tapped: Tapped,
}

impl Followed {
    /// None yet. Those that go are taken out of `tapped`.
    pub(crate) fn new(tapped: Tapped) -> Self {
        Self { interfaces: BTreeMap::new(), tapped }
    }

    pub(crate) fn add(&mut self, interface: &Interface) {
        if !carries(interface) {
            say_down(interface);
        }
        self.interfaces.insert(interface.index, interface.clone());
    }

    /// Interfaces that went take their taps with them; all others keep theirs, up or down.
    pub(crate) fn follow(&mut self, changes: Vec<LinkChange>, taps: &SharedTaps) {
        for change in changes {
            match change {
                LinkChange::Gone { index, .. } => self.release(index, taps),
                LinkChange::Changed(now) => self.update(now),
                LinkChange::Appeared(_) | LinkChange::Overrun => {}
            }
        }
    }

    fn update(&mut self, now: Interface) {
        let Some(before) = self.interfaces.get_mut(&now.index) else { return };
        match (carries(before), carries(&now)) {
            (true, false) => say_down(&now),
            (false, true) => tracing::info!("{} is up", now.name),
            _ => {}
        }
        if before.name != now.name {
            tracing::warn!(
                "{} is called {} now; its taps stay, and so does the name in what they report",
                before.name,
                now.name
            );
        }
        *before = now;
    }

    fn release(&mut self, index: u32, taps: &SharedTaps) {
        let Some(interface) = self.interfaces.remove(&index) else { return };
        self.tapped.remove(&interface.name);
        for tap in taps.with(|taps| taps.detach(index)) {
            tracing::warn!(
                "{} is gone, and with it its tap {} {}; what that counted stays",
                tap.interface,
                tap.hook.name(),
                tap.direction.name()
            );
        }
        if taps.with(|taps| taps.attached().count()) == 0 {
            tracing::error!("no tap is left: nothing is seen until this is started anew");
        }
    }
}

/// Whether packets can pass, as far as the kernel knows (RFC 2863's operational state).
fn carries(interface: &Interface) -> bool {
    interface.up && interface.operational != Some(false)
}

fn say_down(interface: &Interface) {
    tracing::warn!("{} is down: its taps see nothing until it is up", interface.name);
}
