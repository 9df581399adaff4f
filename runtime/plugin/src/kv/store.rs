use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ringtap_pipeline::name::PluginName;

use super::{
    image::{Changes, Image, Usage, Value},
    writer::Writer,
};

/// What one plugin has stored, shared by its instances. Changes only by commits.
#[derive(Debug)]
pub(crate) struct KvStore {
    pub(super) name: PluginName,
    limit: Usage,
    state: Mutex<State>,
    /// `None`: not kept.
    writer: Option<Arc<Writer>>,
}

#[derive(Debug)]
struct State {
    image: Image,
    unsaved: Unsaved,
    /// Keys that are being written to the file.
    in_writing: usize,
}

/// What is not yet handed to the file.
#[derive(Debug)]
enum Unsaved {
    /// These keys were set or deleted.
    Keys(BTreeSet<String>),
    /// All of it, since it is not known what the file holds, or since that is less to remember.
    Everything,
}

/// What the file of a plugin's store should become.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) name: PluginName,
    /// Whether all that was stored before goes.
    pub(super) anew: bool,
    pub(super) changes: Vec<(String, Option<Value>)>,
}

impl KvStore {
    pub(super) fn new(
        name: PluginName,
        limit: Usage,
        image: Image,
        writer: Option<Arc<Writer>>,
    ) -> Self {
        let unsaved = Unsaved::Keys(BTreeSet::new());
        Self { name, limit, state: Mutex::new(State { image, unsaved, in_writing: 0 }), writer }
    }

    /// What it may hold.
    pub(super) fn limit(&self) -> Usage {
        self.limit
    }

    /// All that is committed. Hold it for a moment only: it blocks commits.
    pub(super) fn image(&self) -> ImageGuard<'_> {
        ImageGuard(self.lock())
    }

    /// Apply changes, all at once, and have them written to the file.
    pub(super) fn commit(self: &Arc<Self>, changes: Changes) {
        let mut state = self.lock();
        for (key, value) in changes {
            if self.writer.is_some() {
                state.unsaved.add(&key, self.limit.keys);
            }
            match value {
                Some(value) => state.image.insert(key, value),
                None => state.image.remove(&key),
            }
        }
        drop(state);
        if let Some(writer) = &self.writer {
            writer.enqueue(Arc::clone(self));
        }
    }

    /// What is to be written to the file, which is taken for written from here on.
    pub(super) fn take_unsaved(&self) -> Write {
        let State { image, unsaved, in_writing } = &mut *self.lock();
        let taken = std::mem::replace(unsaved, Unsaved::Keys(BTreeSet::new()));
        let (anew, changes): (_, Vec<_>) = match taken {
            Unsaved::Everything => {
                let all = image.from("");
                (true, all.map(|(key, value)| (key.clone(), Some(value.clone()))).collect())
            }
            Unsaved::Keys(keys) => {
                let current = |key: String| {
                    let value = image.get(&key).cloned();
                    (key, value)
                };
                (false, keys.into_iter().map(current).collect())
            }
        };
        *in_writing = changes.len();
        Write { name: self.name.clone(), anew, changes }
    }

    /// What was taken is in the file.
    pub(super) fn saved(&self) {
        self.lock().in_writing = 0;
    }

    /// It is not known what the file holds.
    pub(super) fn save_everything(&self) {
        let mut state = self.lock();
        (state.unsaved, state.in_writing) = (Unsaved::Everything, 0);
    }

    pub(super) fn usage(&self) -> Usage {
        self.lock().image.usage()
    }

    /// Keys that were changed and are not in the file yet.
    pub(super) fn unsaved(&self) -> usize {
        let State { image, unsaved, in_writing } = &*self.lock();
        match unsaved {
            Unsaved::Keys(keys) => keys.len() + in_writing,
            Unsaved::Everything => image.usage().keys.max(1),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Unsaved {
    /// Bounded, though there are always other keys that a plugin can set and delete while the disk
    /// is stuck.
    fn add(&mut self, key: &str, most: usize) {
        if let Self::Keys(keys) = self {
            if keys.len() < most {
                keys.insert(key.to_owned());
            } else if !keys.contains(key) {
                *self = Self::Everything;
            }
        }
    }
}

pub(super) struct ImageGuard<'a>(MutexGuard<'a, State>);

impl std::ops::Deref for ImageGuard<'_> {
    type Target = Image;

    fn deref(&self) -> &Image {
        &self.0.image
    }
}
