use super::Chaos;
use crate::{
    config::RandomPackets,
    testing::{Failed, Report, Script, Variation, run},
};

/// Packets that are made; the plugin's interests decide how many it gets.
const PACKETS: usize = 4000;

impl Chaos<'_> {
    /// No packet that there can be makes a call fail.
    pub(super) fn random(self, report: &mut Report) -> anyhow::Result<()> {
        let mut random = self.chance(4);
        let packets = RandomPackets { packets: PACKETS, seed: random.u64(..) };
        let script = Script::of_random(self.subject, packets)?.thinned(&mut random);
        let size = 1 << random.u32(0..=6);
        let script = script.in_batches_of(|| size);
        let result = run::run(self.subject, &script);
        let result =
            result.map(drop).map_err(|error| self.narrowed(&script).unwrap_or(error.into()));
        report.note(Variation::Random, result);
        if script.items() == 0 {
            report.leave_out("random: none of the packets is one that the plugin wants");
        }
        Ok(())
    }

    /// The same record by record: which of them it is.
    fn narrowed(self, script: &Script) -> Option<Failed> {
        let error = run::run(self.subject, &script.in_batches_of(|| 1)).err()?;
        Some(error.into())
    }
}
