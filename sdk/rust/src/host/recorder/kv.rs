use super::with;

/// As `wit/capabilities.wit` has them.
const MAX_KEY: usize = 256;
const MAX_VALUE: usize = 64 << 10;

pub(crate) fn kv_get(key: &str) -> Option<Vec<u8>> {
    with(|recorder| recorder.store.get(key).cloned())
}

pub(crate) fn kv_set(key: &str, value: &[u8]) -> Result<(), String> {
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(format!("it has {} bytes, not 1 to {MAX_KEY}", key.len()));
    }
    if value.len() > MAX_VALUE {
        return Err(format!("its value has {} bytes, at most {MAX_VALUE}", value.len()));
    }
    with(|recorder| {
        if recorder.refuse_kv {
            return Err("told to refuse".to_owned());
        }
        recorder.store.insert(key.to_owned(), value.to_owned());
        Ok(())
    })
}

pub(crate) fn kv_delete(key: &str) {
    with(|recorder| recorder.store.remove(key));
}

pub(crate) fn kv_keys(prefix: &str) -> Vec<String> {
    with(|recorder| recorder.store.keys().filter(|key| key.starts_with(prefix)).cloned().collect())
}
