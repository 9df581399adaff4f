use std::sync::atomic::{Ordering, fence};

use aya::maps::{Array, MapData, MapError};
use ringtap_interest::{
    MAX_NODES, MAX_PATHS, MAX_SETS, Plan, Plans, RuleSet, Tables, TrieNode, TriePath,
};

use crate::{error::TapError, object::Object};

/// A section of the object; its variable has that map to itself.
const PLANS: &str = ".bss.plans";

/// The tables in the kernel: two sets, of which one judges packets while the other is written.
pub(crate) struct KernelTables {
    plans: Array<MapData, PlansValue>,
    /// What is in `plans`.
    written: Plans,
    nodes: Array<MapData, TrieNode>,
    paths: Array<MapData, PathValue>,
    sets: Array<MapData, SetValue>,
    /// Of the hash by which flows are sampled.
    seed: u32,
    coarse_time: bool,
}

/// [`Plans`] as aya wants it.
#[repr(transparent)]
#[derive(Clone, Copy)]
struct PlansValue(Plans);

// SAFETY: integers only, without padding, as an assertion beside its definition says.
unsafe impl aya::Pod for PlansValue {}

/// [`TriePath`] as aya wants it.
#[repr(transparent)]
#[derive(Clone, Copy)]
struct PathValue(TriePath);

// SAFETY: integers only, without padding.
unsafe impl aya::Pod for PathValue {}

/// [`RuleSet`] as aya wants it.
#[repr(transparent)]
#[derive(Clone, Copy)]
struct SetValue(RuleSet);

// SAFETY: integers only, without padding.
unsafe impl aya::Pod for SetValue {}

impl KernelTables {
    pub(crate) fn new(object: &mut Object, coarse_time: bool) -> Result<Self, TapError> {
        Ok(Self {
            plans: object.map(PLANS, Array::try_from)?,
            written: Plans::default(),
            nodes: object.map("NODES", Array::try_from)?,
            paths: object.map("PATHS", Array::try_from)?,
            sets: object.map("SETS", Array::try_from)?,
            seed: random_seed(),
            coarse_time,
        })
    }

    /// Write `tables` where no program looks, then make them the ones that judge. Every packet is
    /// judged by all of the old ones or by all of the new ones.
    ///
    /// Programs that run at this moment may use the old ones still: wait for a grace period before
    /// the next call.
    pub(crate) fn switch(&mut self, tables: &Tables, generation: u32) -> Result<(), TapError> {
        let slot = 1 - self.written.active;
        let first = |entries: usize| slot * entries as u32;
        for (index, value) in (first(MAX_NODES)..).zip(tables.nodes()) {
            self.nodes.set(index, value, 0).map_err(failed("NODES", "written"))?;
        }
        for (index, value) in (first(MAX_PATHS)..).zip(tables.paths()) {
            self.paths.set(index, PathValue(*value), 0).map_err(failed("PATHS", "written"))?;
        }
        for (index, value) in (first(MAX_SETS)..).zip(tables.sets()) {
            self.sets.set(index, SetValue(*value), 0).map_err(failed("SETS", "written"))?;
        }
        let (seed, coarse_time) = (self.seed, self.coarse_time.into());
        let plan = Plan { generation, seed, coarse_time, ..*tables.plan() };
        self.written.plans[slot as usize] = plan;
        self.write_plans()?;
        // Whoever sees the switch sees the tables. Of the bytes that programs read meanwhile, it changes
        // one: all others are written as what they are.
        fence(Ordering::SeqCst);
        self.written.active = slot;
        self.write_plans()
    }

    fn write_plans(&mut self) -> Result<(), TapError> {
        self.plans.set(0, PlansValue(self.written), 0).map_err(failed(PLANS, "written"))
    }
}

fn failed(map: &'static str, operation: &'static str) -> impl Fn(MapError) -> TapError {
    move |source| TapError::Map { map, operation, source }
}

fn random_seed() -> u32 {
    let mut bytes = [0; 4];
    // A kernel that is still too young for random numbers gives none, and zero does as well.
    rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::NONBLOCK).ok();
    u32::from_le_bytes(bytes)
}
