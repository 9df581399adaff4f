use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::JoinHandle,
};

use ringtap_lab::{
    Family, Lab, Side,
    traffic::{self, Path},
};

/// Sends datagrams both ways until it is told to stop.
#[derive(Debug)]
pub struct Sender {
    enough: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl Sender {
    pub fn start(lab: &Lab) -> Self {
        let enough = Arc::<AtomicBool>::default();
        let (lab, told) = (lab.clone(), Arc::clone(&enough));
        let send = move || {
            let mut sent = 0;
            while !told.load(Relaxed) {
                for from in Side::BOTH {
                    let path = Path::new(from, Family::V4);
                    sent += traffic::udp(&lab, path, 50, 100).unwrap();
                }
            }
            sent
        };
        Self { enough, thread: std::thread::spawn(send) }
    }

    /// How many it sent, all of which arrived.
    pub fn stop(self) -> u64 {
        self.enough.store(true, Relaxed);
        self.thread.join().unwrap()
    }
}
