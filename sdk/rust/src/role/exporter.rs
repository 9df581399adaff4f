use crate::{Event, Plugin};

/// The role that takes the events of other plugins, those that are configured as its `input`. They go
/// nowhere else: what is to reach a sink, this plugin emits.
///
/// ```
/// use ringtap_plugin::{Exporter, Plugin, Received, Refusal};
///
/// /// Names the service, and drops what is none.
/// struct Services;
///
/// impl Plugin for Services {
///     fn new(_config: &str) -> Result<Self, Refusal> {
///         Ok(Self)
///     }
/// }
///
/// impl Exporter for Services {
///     fn on_events(&mut self, events: Vec<Received>) {
///         for Received { plugin, event } in events {
///             let service = match event.uint("dst_port") {
///                 Some(53) => "dns",
///                 Some(443) => "web",
///                 _ => continue,
///             };
///             event.set("service", service).set("from", plugin).without("dst_port").emit();
///         }
///     }
/// }
///
/// ringtap_plugin::export!(Services: Exporter);
/// # fn main() {}
/// ```
pub trait Exporter: Plugin {
    /// Called with 1 to 1024 events; those of one plugin are in the order in which it emitted them.
    fn on_events(&mut self, events: Vec<Received>);
}

/// An event of another plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// The plugin that emitted it, as the host calls it.
    pub plugin: String,
    /// As it was emitted. Emit it to let it pass.
    pub event: Event,
}
