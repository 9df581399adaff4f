//! Asks for WASI's standard output `handles` (1,000) times with each batch and never gives one back.
//! Counts them: `guest_handles_total`.

use ringtap_plugin::{Aggregate, Batch, Config, Counter, Plugin, Refusal};

wit_bindgen::generate!({
    inline: "
        package ringtap:guest;
        world guest {
            import wasi:cli/stdout@0.2.0;
        }
        package wasi:io@0.2.0 {
            interface streams {
                resource output-stream;
            }
        }
        package wasi:cli@0.2.0 {
            interface stdout {
                use wasi:io/streams@0.2.0.{output-stream};
                get-stdout: func() -> output-stream;
            }
        }",
    world: "ringtap:guest/guest",
    generate_all,
});

use wasi::cli::stdout::get_stdout;

struct LeaksHandles {
    handles: u64,
    leaked: Counter,
}

impl Plugin for LeaksHandles {
    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let handles = config.integer("handles", 1000, 0..=u64::MAX)?;
        config.finish()?;
        let leaked = Counter::new("guest_handles_total", "Handles that were leaked.", &[])?;
        Ok(Self { handles, leaked })
    }
}

impl Aggregate for LeaksHandles {
    fn on_packets(&mut self, _batch: &Batch<'_>) {
        for _ in 0..self.handles {
            std::mem::forget(get_stdout());
        }
        self.leaked.add(self.handles);
    }
}

ringtap_plugin::export!(LeaksHandles: Aggregate);
