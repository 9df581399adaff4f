//! A small store of the plugin's own, which outlives its instances and the runtime.
//!
//! Not granted unless the operator says so (`kv` in the plugin's `grants`): a plugin that calls any of
//! this is refused without. Keys are texts of 1 to 256 bytes, values at most 64 KiB, and there are as
//! many of both as the operator's limit allows. What a call sets or deletes is kept when it returns; a
//! call that panics or overruns leaves the store as it was. In replay it starts empty and is not kept.
//!
//! ```
//! use ringtap_plugin::{Error, kv};
//!
//! /// How often the plugin was started.
//! fn count_start() -> Result<u64, Error> {
//!     let known = kv::get("starts").and_then(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?)));
//!     let starts = known.unwrap_or(0) + 1;
//!     kv::set("starts", &starts.to_le_bytes())?;
//!     Ok(starts)
//! }
//!
//! assert_eq!(count_start(), Ok(1));
//! assert_eq!(count_start(), Ok(2));
//! ```

use crate::{Error, host};

/// The value of a key, what this call set included. A host call, as all here: keep the answer.
pub fn get(key: &str) -> Option<Vec<u8>> {
    host::kv_get(key)
}

/// Give a key a value. Refused beyond a bound: of the key, the value or the store.
pub fn set(key: &str, value: &[u8]) -> Result<(), Error> {
    host::kv_set(key, value).map_err(|reason| Error::Kv { key: key.to_owned(), reason })
}

/// Drop a key and its value. Nothing happens where there is no such key.
pub fn delete(key: &str) {
    host::kv_delete(key);
}

/// Keys that start with `prefix`, in the order of their bytes. All of them with an empty one.
pub fn keys(prefix: &str) -> Vec<String> {
    host::kv_keys(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::recorder::{RECORDER, Recorder};

    #[test]
    fn what_was_set_is_there_until_it_is_deleted() {
        RECORDER.set(Recorder::default());
        assert_eq!(get("a"), None);
        set("b/2", b"two").unwrap();
        set("b/1", b"").unwrap();
        set("a", b"one").unwrap();
        set("a", b"another").unwrap();
        assert_eq!((get("a"), get("b/1")), (Some(b"another".to_vec()), Some(Vec::new())));
        assert_eq!((keys("b/"), keys("c").len()), (vec!["b/1".to_owned(), "b/2".to_owned()], 0));
        delete("b/1");
        delete("never there");
        assert_eq!(keys(""), ["a", "b/2"]);
    }

    #[test]
    fn a_bound_refuses_and_names_the_key() {
        RECORDER.set(Recorder::default());
        let refusal = |key: &str, value: &[u8]| set(key, value).unwrap_err().to_string();
        assert_eq!(refusal("", b""), "can't store the key \"\": it has 0 bytes, not 1 to 256");
        let long = "k".repeat(257);
        assert!(refusal(&long, b"").ends_with("it has 257 bytes, not 1 to 256"));
        let many = vec![0; (64 << 10) + 1];
        assert!(refusal("k", &many).ends_with("its value has 65537 bytes, at most 65536"));
        assert_eq!(keys("").len(), 0);
    }
}
