use std::io;

use chacha20::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use ringtap_pipeline::name::PluginName;
use rustix::rand::{GetRandomFlags, getrandom};
use sha2::{Digest, Sha256};
use wasmtime::component::{HasSelf, Linker};

use crate::{bindings::random, host::Host};

/// What the random numbers of instances begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seeds {
    /// Something else for every instance, from the operating system.
    #[default]
    Os,
    /// This and the plugin's name: the same numbers in every run.
    Fixed(u64),
}

/// An instance's random numbers.
#[derive(Debug)]
pub(crate) struct Random(ChaCha8Rng);

type Seed = <ChaCha8Rng as SeedableRng>::Seed;

impl Random {
    pub(crate) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
        random::add_to_linker::<_, HasSelf<Self>>(linker, |host| &mut host.random)
    }

    pub(crate) fn new(seeds: Seeds, plugin: &PluginName) -> io::Result<Self> {
        let seed = match seeds {
            Seeds::Os => from_os()?,
            Seeds::Fixed(seed) => {
                let hash = Sha256::new().chain_update(seed.to_le_bytes());
                hash.chain_update(plugin.as_str()).finalize().into()
            }
        };
        Ok(Self(ChaCha8Rng::from_seed(seed)))
    }

    /// The same numbers always: for those who may not have random ones.
    pub(crate) fn constant() -> Self {
        Self(ChaCha8Rng::from_seed(Seed::default()))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

fn from_os() -> io::Result<Seed> {
    let mut seed = Seed::default();
    // Linux gives up to 256 bytes whole or not at all, see getrandom(2).
    match getrandom(&mut seed, GetRandomFlags::empty())? {
        bytes if bytes == seed.len() => Ok(seed),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

impl random::Host for Random {
    fn next(&mut self) -> wasmtime::Result<u64> {
        Ok(Self::next(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(seeds: Seeds, plugin: &str) -> u64 {
        Random::new(seeds, &PluginName::new(plugin).unwrap()).unwrap().next()
    }

    #[test]
    fn fixed_seeds_give_each_plugin_its_own_numbers_and_the_same_ones_again() {
        let one = first(Seeds::Fixed(1), "a");
        assert_eq!(first(Seeds::Fixed(1), "a"), one);
        assert_ne!(first(Seeds::Fixed(2), "a"), one);
        assert_ne!(first(Seeds::Fixed(1), "b"), one);
    }

    #[test]
    fn the_system_gives_every_instance_others() {
        assert_ne!(first(Seeds::Os, "a"), first(Seeds::Os, "a"));
    }
}
