use super::Harness;
use crate::{
    Plugin, Refusal, State, call,
    host::recorder::{RECORDER, Recorder},
};

/// From one instance to the next.
impl<P: Plugin> Harness<P> {
    /// End without a word, as by `kill -9`, and start on a host that has only the plugin's store left.
    pub fn restart(&mut self, config: &str) -> Result<(), Refusal> {
        let store = RECORDER.with_borrow_mut(|recorder| std::mem::take(&mut recorder.store));
        RECORDER.set(Recorder { store, ..Recorder::default() });
        self.plugin = P::new(config)?;
        self.sequence = 0;
        call::end();
        Ok(())
    }
}

impl<P: State> Harness<P> {
    /// [`State::save`], whose effects on the host are undone.
    pub fn save(&mut self) -> Result<Vec<u8>, Refusal> {
        let before = RECORDER.with_borrow(Recorder::clone);
        let saved = self.plugin.save();
        undo(before);
        saved
    }

    /// [`State::restore`]: of a plugin that was just started.
    pub fn restore(&mut self, schema: u32, saved: &[u8]) -> Result<(), Refusal> {
        self.plugin.restore(schema, saved)?;
        call::end();
        Ok(())
    }

    /// Replace the instance as the host does: it is saved, and another one starts with that config and
    /// restores. After an error the old one is still there, and the host as it was. Logged lines stay.
    pub fn reload(&mut self, config: &str) -> Result<(), Refusal> {
        let saved = self.save()?;
        let before = RECORDER.with_borrow(Recorder::clone);
        match start(config, &saved) {
            Ok(next) => {
                self.plugin = next;
                Ok(())
            }
            Err(refusal) => {
                undo(before);
                Err(refusal)
            }
        }
    }
}

fn start<P: State>(config: &str, saved: &[u8]) -> Result<P, Refusal> {
    let mut plugin = P::new(config)?;
    call::end();
    plugin.restore(P::SCHEMA, saved)?;
    call::end();
    Ok(plugin)
}

/// The host as it was, after a call whose effects don't count.
fn undo(before: Recorder) {
    call::end();
    RECORDER.with_borrow_mut(|recorder| {
        let lines = std::mem::take(&mut recorder.lines);
        *recorder = Recorder { lines, ..before };
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Aggregate, Batch, Counter, kv, testing::Record, warn};

    /// Counts, refuses to save an odd number and to restore more than 4.
    struct Even {
        seen: u64,
        packets: Counter,
    }

    impl Plugin for Even {
        fn new(config: &str) -> Result<Self, Refusal> {
            let starts = kv::get("starts").map_or(0, |value| value[0]);
            kv::set("starts", &[starts + 1])?;
            if config == "bad" {
                warn!("refused");
                return Err("told to refuse".into());
            }
            Ok(Self { seen: 0, packets: Counter::new("packets_total", "", &[])? })
        }
    }

    impl Aggregate for Even {
        fn on_packets(&mut self, batch: &Batch<'_>) {
            self.seen += batch.len() as u64;
            self.packets.add(batch.len() as u64);
        }
    }

    impl State for Even {
        const SCHEMA: u32 = 3;

        fn save(&mut self) -> Result<Vec<u8>, Refusal> {
            self.packets.add(1000);
            if self.seen.is_multiple_of(2) {
                Ok(self.seen.to_le_bytes().to_vec())
            } else {
                Err("odd".into())
            }
        }

        fn restore(&mut self, schema: u32, saved: &[u8]) -> Result<(), Refusal> {
            assert_eq!(schema, 3);
            self.seen = u64::from_le_bytes(saved.try_into()?);
            if self.seen > 4 { Err("too much".into()) } else { Ok(()) }
        }
    }

    #[test]
    fn a_reload_hands_over_what_was_saved_and_a_failed_one_changes_nothing() {
        let mut host = Harness::<Even>::new("").unwrap();
        let packets = |host: &mut Harness<Even>, count| {
            host.packets(&vec![Record::frame(); count]);
        };
        let state = |host: &Harness<Even>| {
            let starts = host.stored("starts").unwrap()[0];
            (host.plugin().seen, host.metric("packets_total", &[]), starts)
        };
        packets(&mut host, 4);
        host.reload("").unwrap();
        assert_eq!(state(&host), (4, Some(4.0), 2));
        packets(&mut host, 1);
        assert_eq!(host.reload("").unwrap_err().to_string(), "odd");
        assert_eq!(state(&host), (5, Some(5.0), 2));
        packets(&mut host, 1);
        assert_eq!(host.reload("").unwrap_err().to_string(), "too much");
        assert_eq!(host.reload("bad").unwrap_err().to_string(), "told to refuse");
        assert_eq!((state(&host), host.take_log().len()), ((6, Some(6.0), 2), 1));
        packets(&mut host, 1);
        assert_eq!(state(&host), (7, Some(7.0), 2));
    }

    #[test]
    fn state_is_saved_and_restored_by_hand() {
        let mut host = Harness::<Even>::new("").unwrap();
        host.packets(&[Record::frame(), Record::frame()]);
        let saved = host.save().unwrap();
        assert_eq!(
            (saved.as_slice(), host.metric("packets_total", &[])),
            (&2_u64.to_le_bytes()[..], Some(2.0))
        );
        let mut host = Harness::<Even>::new("").unwrap();
        assert!(host.restore(3, b"short").is_err());
        host.restore(3, &saved).unwrap();
        assert_eq!(host.plugin().seen, 2);
    }

    #[test]
    fn a_restart_leaves_the_store_and_nothing_else() {
        let mut host = Harness::<Even>::new("").unwrap();
        host.packets(&[Record::frame()]);
        host.restart("").unwrap();
        assert_eq!(host.stored("starts"), Some(vec![2]));
        assert_eq!((host.plugin().seen, host.metric("packets_total", &[])), (0, Some(0.0)));
    }
}
