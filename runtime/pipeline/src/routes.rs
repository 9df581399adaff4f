use std::sync::Arc;

use crate::{
    batch::Collected,
    name::PluginName,
    queue::Queue,
    wants::{Records, Wants},
};

/// Which records of one generation of tables go into which queues.
#[derive(Debug)]
pub(crate) struct Routes {
    pub(crate) generation: u32,
    groups: Vec<Group>,
}

/// Plugins that want the same, and so get the same batch.
#[derive(Debug)]
struct Group {
    wants: Wants,
    to: Vec<(PluginName, Arc<Queue>)>,
}

impl Routes {
    pub(crate) fn new(generation: u32) -> Self {
        Self { generation, groups: Vec::new() }
    }

    pub(crate) fn add(&mut self, name: PluginName, queue: Arc<Queue>, wants: Wants) {
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
    }
}
