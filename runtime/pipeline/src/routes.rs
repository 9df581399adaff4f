use std::sync::Arc;

use crate::{
    batch::Collected,
    name::PluginName,
    queue::{Queue, Sides},
    wants::{Records, Wants},
};

/// Which records of one generation of tables go into which queues.
#[derive(Debug)]
pub(crate) struct Routes {
    pub(crate) generation: u32,
    groups: Vec<Group>,
    trials: Vec<Trial>,
}

/// What a plugin wants, and the version of it that is on trial where that wants something else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) now: Wants,
    pub(crate) on_trial: Option<Wants>,
}

/// Plugins that want the same, and so get the same batch.
#[derive(Debug)]
struct Group {
    wants: Wants,
    to: Vec<(PluginName, Arc<Queue>)>,
}

/// A plugin of which two versions want different things.
#[derive(Debug)]
struct Trial {
    name: PluginName,
    queue: Arc<Queue>,
    wants: Sides<Wants>,
}

impl Routes {
    pub(crate) fn new(generation: u32) -> Self {
        Self { generation, groups: Vec::new(), trials: Vec::new() }
    }

    pub(crate) fn add(&mut self, name: PluginName, queue: Arc<Queue>, wanted: Wanted) {
        match wanted {
            Wanted { now: old, on_trial: Some(new) } if old != new => {
                self.trials.push(Trial { name, queue, wants: Sides { old, new } });
            }
            Wanted { now, .. } => self.add_to_group(name, queue, now),
        }
    }

    fn add_to_group(&mut self, name: PluginName, queue: Arc<Queue>, wants: Wants) {
        if wants.are_none() {
            return;
        }
        match self.groups.iter_mut().find(|group| group.wants == wants) {
            Some(group) => group.to.push((name, queue)),
            None => self.groups.push(Group { wants, to: vec![(name, queue)] }),
        }
    }

    pub(crate) fn remove(&mut self, name: &PluginName) {
        for group in &mut self.groups {
            group.to.retain(|(other, _)| other != name);
        }
        self.groups.retain(|group| !group.to.is_empty());
        self.trials.retain(|trial| trial.name != *name);
    }

    /// Records that nobody wants any more, because their plugin went meanwhile, end here.
    pub(crate) fn publish(&self, collected: Collected) {
        let records = Records::new(collected);
        for group in &self.groups {
            let Some(batch) = group.wants.select(&records) else { continue };
            for (_, queue) in &group.to {
                queue.push(Arc::clone(&batch));
            }
        }
        for Trial { queue, wants: Sides { old, new }, .. } in &self.trials {
            let each = Sides { old: old.select(&records), new: new.select(&records) };
            if each.old.is_some() || each.new.is_some() {
                queue.push_each(each);
            }
        }
    }
}
