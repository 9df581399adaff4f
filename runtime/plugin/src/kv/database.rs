use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use redb::{
    Builder, Database, ReadableDatabase, ReadableTable, TableDefinition, TableError, TableHandle,
    backends::FileBackend,
};
use ringtap_pipeline::name::PluginName;

use super::{
    error::KvError,
    image::{Image, Usage},
    place,
    store::Write,
};

/// A table for each plugin, named by this and the plugin. Another layout would get another one.
const TABLES: &str = "kv/";

/// Pages that redb keeps in memory. Everything is read once, and images are what is read then.
const CACHE_BYTES: usize = 1 << 20;

/// The file in which plugins' data is kept, held by this process alone.
#[derive(Debug)]
pub struct KvFile {
    path: PathBuf,
    database: Database,
}

impl KvFile {
    /// Open what is in a state directory; `None` where nothing was ever stored.
    pub fn open(directory: &Path) -> Result<Option<Self>, KvError> {
        Self::open_in(directory, false)
    }

    /// As [`open`](Self::open), and make what is not there.
    pub(super) fn make(directory: &Path) -> Result<Self, KvError> {
        let opened = Self::open_in(directory, true)?;
        opened.ok_or_else(|| KvError::NotAFile { path: place::path_in(directory) })
    }

    fn open_in(directory: &Path, make: bool) -> Result<Option<Self>, KvError> {
        let Some(file) = place::open_in(directory, make)? else { return Ok(None) };
        let path = place::path_in(directory);
        // Else redb trusts what it finds, and panics where that is damaged.
        let mut builder = Builder::new();
        builder.set_check_integrity_on_open(true).set_cache_size(CACHE_BYTES);
        let opened = FileBackend::new(file).and_then(|file| builder.create_with_backend(file));
        match opened {
            Ok(database) => Ok(Some(Self { path, database })),
            Err(error) => Err(KvError::of(&path, error.into())),
        }
    }

    /// What a plugin has stored; nothing where it never did.
    pub(super) fn load(&self, name: &PluginName, limit: Usage) -> Result<Image, KvError> {
        // What `init` of a replacement changes is counted against the limit when it runs, and comes
        // on top of what the old instance stores meanwhile.
        let most = limit.plus(limit);
        let read = || -> Result<_, redb::Error> {
            let mut image = Image::default();
            let mut usage = Usage::default();
            let table = table_name(name);
            let table = match self.database.begin_read()?.open_table(table_of(&table)) {
                Err(TableError::TableDoesNotExist(_)) => return Ok((image, usage)),
                table => table?,
            };
            for entry in table.iter()? {
                let (key, value) = entry?;
                usage = usage.plus(Usage::of(key.value(), value.value()));
                if usage.fits(most) {
                    image.insert(key.value().to_owned(), Arc::from(value.value()));
                }
            }
            Ok((image, usage))
        };
        let (image, usage) = read().map_err(|error| self.failed(error))?;
        if !usage.fits(most) {
            return Err(KvError::OverLimit { name: name.clone(), usage, limit });
        }
        Ok(image)
    }

    /// Make all these changes, or none, and wait until they are on the disk. After an error it is
    /// not known which, and the file has to be opened anew.
    pub(super) fn write(&self, writes: &[Write]) -> Result<(), KvError> {
        self.try_write(writes).map_err(|error| self.failed(error))
    }

    fn try_write(&self, writes: &[Write]) -> Result<(), redb::Error> {
        let mut transaction = self.database.begin_write()?;
        // With one phase, what holds a half-written commit off is a checksum that is not made to
        // withstand whoever chooses the data, and plugins do.
        transaction.set_two_phase_commit(true);
        for write in writes {
            let table = table_name(&write.name);
            if write.anew {
                transaction.delete_table(table_of(&table))?;
            }
            let mut table = transaction.open_table(table_of(&table))?;
            for (key, value) in &write.changes {
                match value {
                    Some(value) => drop(table.insert(key.as_str(), &**value)?),
                    None => drop(table.remove(key.as_str())?),
                }
            }
        }
        Ok(transaction.commit()?)
    }

    /// What each plugin has stored, by name.
    pub fn sizes(&self) -> Result<BTreeMap<String, Usage>, KvError> {
        let read = || -> Result<_, redb::Error> {
            let transaction = self.database.begin_read()?;
            let mut sizes = BTreeMap::new();
            for table in transaction.list_tables()? {
                let Some(name) = table.name().strip_prefix(TABLES) else { continue };
                let mut usage = Usage::default();
                for entry in transaction.open_table(table_of(table.name()))?.iter()? {
                    let (key, value) = entry?;
                    usage = usage.plus(Usage::of(key.value(), value.value()));
                }
                if usage.keys > 0 {
                    sizes.insert(name.to_owned(), usage);
                }
            }
            Ok(sizes)
        };
        read().map_err(|error| self.failed(error))
    }

    /// Drop what a plugin has stored; whether there was something.
    pub fn forget(&self, name: &PluginName) -> Result<bool, KvError> {
        let write = || -> Result<_, redb::Error> {
            let transaction = self.database.begin_write()?;
            let was_there = transaction.delete_table(table_of(&table_name(name)))?;
            transaction.commit()?;
            Ok(was_there)
        };
        write().map_err(|error| self.failed(error))
    }

    /// Let go of the file, and say what stands against that.
    pub(super) fn close(self) -> Result<(), KvError> {
        let Self { path, database } = self;
        database.close().map_err(|error| KvError::of(&path, error.into()))
    }

    fn failed(&self, error: redb::Error) -> KvError {
        KvError::of(&self.path, error)
    }
}

fn table_name(plugin: &PluginName) -> String {
    format!("{TABLES}{plugin}")
}

fn table_of(name: &str) -> TableDefinition<'_, &'static str, &'static [u8]> {
    TableDefinition::new(name)
}
