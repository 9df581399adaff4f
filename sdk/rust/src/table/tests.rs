use std::collections::HashMap;

use super::{Table, hash::Hash};
use crate::testing::Rng;

#[test]
fn it_does_what_a_map_does() {
    for (seed, capacity) in [(1, 1), (2, 7), (3, 64), (4, 1000)] {
        let mut rng = Rng::new(seed);
        let (mut table, mut map) = (Table::<2, u64>::new(capacity, seed), HashMap::new());
        for step in 0..20_000 {
            let key = [rng.below(capacity as u64 * 2), rng.below(2) << 40];
            match rng.below(20) {
                0..12 => {
                    let is_new = !map.contains_key(&key);
                    let room = !is_new || map.len() < capacity;
                    match table.entry(key, || step) {
                        Some(entry) => {
                            assert_eq!(entry.is_new, is_new);
                            assert_eq!(entry.value, map.entry(key).or_insert(step));
                        }
                        None => assert!(!room, "there is room"),
                    }
                }
                12..18 => assert_eq!(table.remove(&key), map.remove(&key)),
                18 => assert_eq!(table.get(&key), map.get(&key)),
                _ if rng.below(50) == 0 => {
                    let drop = rng.below(4);
                    table.retain(|_, value| *value % 4 != drop);
                    map.retain(|_, value| *value % 4 != drop);
                }
                _ => {}
            }
            assert_eq!((table.len(), table.is_full()), (map.len(), map.len() == capacity));
        }
        for (key, value) in &map {
            assert_eq!(table.get(key), Some(value));
        }
        assert_eq!(table.drain().collect::<HashMap<_, _>>(), map);
        assert!(table.is_empty() && table.get(&[0, 0]).is_none());
    }
}

#[test]
fn entries_keep_the_order_in_which_they_came() {
    let mut table = Table::<1, u64>::new(100, 5);
    for key in 0..100 {
        table.entry([key * 7], || key).unwrap();
    }
    assert!(table.iter().map(|(_, value)| *value).eq(0..100));
    assert!(table.entry([1], || 0).is_none());
}

#[test]
fn keys_that_differ_a_little_spread() {
    let hash = Hash::<2>::new(9);
    let homes = |keys: &mut dyn Iterator<Item = [u64; 2]>| {
        let mut homes: Vec<_> = keys.map(|key| hash.of(&key) & 0xfff).collect();
        homes.sort_unstable();
        homes.dedup();
        homes.len()
    };
    // Of 4096 places, 4096 keys at random would take 2589 (63 %).
    for shift in [0, 16, 32, 48] {
        assert!(homes(&mut (0..4096).map(|n| [n << shift, 1])) > 2300, "shift {shift}");
        assert!(homes(&mut (0..4096).map(|n| [1, n << shift])) > 2300, "shift {shift}");
    }
}

#[test]
#[should_panic(expected = "a table for")]
fn a_table_has_its_bounds() {
    Table::<1, ()>::new(Table::<1, ()>::MAX_CAPACITY + 1, 0);
}
