use fastrand::Rng;

use super::Chaos;
use crate::testing::{
    Failed, Report, Variation,
    run::{Begun, Run},
};

/// Ways to damage a state that are tried.
const TRIES: usize = 80;

impl Chaos<'_> {
    /// A state that is damaged is refused, or taken for another one, and nothing worse.
    pub(super) fn damage(self, report: &mut Report) {
        if !self.terms.only.wants_some("damage") {
            return;
        }
        let saved = match self.saved() {
            Ok(saved) => saved,
            Err(failed) => return report.fail(Variation::Damage(0), failed),
        };
        for number in 0..TRIES {
            let variation = Variation::Damage(number);
            if self.wants(variation) {
                let mut random = self.chance(1000 + number as u64);
                let (what, damaged) = damaged(number, &saved, &mut random);
                report.note(variation, self.restored(what, &damaged));
            }
        }
    }

    /// What the plugin knows at the end of the case.
    fn saved(self) -> Result<Vec<u8>, Failed> {
        let Begun::Running(mut run) = Run::begin(self.subject, self.script)? else {
            return Ok(Vec::new());
        };
        run.steps(&self.script.steps)?;
        Ok(run.saved()?.unwrap_or_default())
    }

    fn restored(self, what: &str, damaged: &[u8]) -> Result<(), Failed> {
        let Begun::Running(mut run) = Run::begin(self.subject, self.script)? else {
            return Ok(());
        };
        let form = self.subject.plugin.description().state.map_or(0, |schema| schema.writes);
        match run.instance().restore(form, damaged) {
            Ok(Ok(()) | Err(_)) => Ok(()),
            Err(error) => {
                let (bytes, shown) = (damaged.len(), hex(damaged));
                Err(Failed::Other(format!(
                    "{error}, given a state with {what}: {bytes} bytes, {shown}"
                )))
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    const SHOWN: usize = 48;
    let digits: String = bytes.iter().take(SHOWN).map(|byte| format!("{byte:02x}")).collect();
    if bytes.len() > SHOWN { digits + "..." } else { digits }
}

/// The first ones are the same for every plugin; then chance decides.
fn damaged(number: usize, saved: &[u8], random: &mut Rng) -> (&'static str, Vec<u8>) {
    let mut bytes = saved.to_vec();
    match number {
        0 => return ("nothing in it", Vec::new()),
        1 => return ("a single byte", vec![0xff]),
        2 => return ("4096 bytes of 0xff", vec![0xff; 4096]),
        3 => return ("as many zeros", vec![0; saved.len()]),
        4 => {
            bytes.extend([0; 7]);
            return ("7 bytes too many", bytes);
        }
        5 => {
            bytes.extend_from_slice(saved);
            return ("itself twice", bytes);
        }
        6..22 => {
            let at = (number - 6).min(bytes.len());
            let end = (at + 4).min(bytes.len());
            bytes[at..end].fill(0xff);
            return ("a huge number near its beginning", bytes);
        }
        _ => {}
    }
    if bytes.is_empty() {
        bytes.extend((0..random.usize(1..64)).map(|_| random.u8(..)));
        return ("random bytes in place of none", bytes);
    }
    match number % 4 {
        0 => {
            bytes.truncate(random.usize(..bytes.len()));
            ("its end cut off", bytes)
        }
        1 => {
            let at = random.usize(..bytes.len());
            let end = (at + *[1, 2, 4, 8].get(random.usize(..4)).unwrap_or(&1)).min(bytes.len());
            bytes[at..end].fill(0xff);
            ("a huge number in it", bytes)
        }
        2 => {
            for _ in 0..random.u32(1..=8) {
                let at = random.usize(..bytes.len());
                bytes[at] ^= 1 << random.u32(..8);
            }
            ("some bits flipped", bytes)
        }
        _ => {
            let at = random.usize(..bytes.len());
            bytes[at] ^= 1 << random.u32(..8);
            ("a bit flipped", bytes)
        }
    }
}
