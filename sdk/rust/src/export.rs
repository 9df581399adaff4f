/// Make a component of a plugin, with the roles that are named and no others.
///
/// Use it once, at the root of a `cdylib`:
/// ```
/// # use ringtap_plugin::{Aggregate, Batch, Plugin, Refusal};
/// # struct MyPlugin;
/// # impl Plugin for MyPlugin { fn new(_: &str) -> Result<Self, Refusal> { Ok(Self) } }
/// # impl Aggregate for MyPlugin { fn on_packets(&mut self, _: &Batch<'_>) {} }
/// ringtap_plugin::export!(MyPlugin: Aggregate);
/// # fn main() {}
/// ```
/// `export!(MyPlugin)` is for a plugin without a role: one that only ticks.
#[macro_export]
macro_rules! export {
    ($plugin:ident $(: $first:ident $(+ $role:ident)*)?) => {
        const _: () = {
            ::std::thread_local! {
                static INSTANCE: $crate::__private::Slot<$plugin> =
                    const { $crate::__private::Slot::empty() };
            }

            struct Exports;

            impl $crate::__private::Exported for Exports {
                type Plugin = $plugin;
                const NAME: &'static str = ::core::env!("CARGO_PKG_NAME");
                const VERSION: &'static str = ::core::env!("CARGO_PKG_VERSION");

                fn slot() -> &'static ::std::thread::LocalKey<$crate::__private::Slot<$plugin>> {
                    &INSTANCE
                }
            }

            $crate::__exported!(Exports lifecycle exports_lifecycle);
            $($crate::__export_role!($first Exports); $($crate::__export_role!($role Exports);)*)?
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __export_role {
    (Aggregate $exports:ident) => {
        $crate::__exported!($exports aggregate exports_aggregate);
    };
    ($role:ident $exports:ident) => {
        ::core::compile_error!(::core::concat!("`", ::core::stringify!($role), "` is no role"));
    };
}

#[cfg(any(target_arch = "wasm32", feature = "native-exports"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __exported {
    ($exports:ident $role:ident $check:ident) => {
        $crate::__private::$role!($exports with_types_in $crate::__private::$role);
    };
}

/// No other target's linker takes the names of a component's exports for those of a library.
#[cfg(not(any(target_arch = "wasm32", feature = "native-exports")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __exported {
    ($exports:ident $role:ident $check:ident) => {
        const _: () = $crate::__private::$check(&$exports);
    };
}

/// What [`export!`] expands to; no API.
#[expect(missing_docs, reason = "no API")]
pub mod private {
    use std::{cell::RefCell, thread::LocalKey};

    use crate::{
        Aggregate, Batch, Plugin,
        bindings::{
            aggregate::exports::ringtap::plugin::aggregate::Guest as AggregateGuest,
            capabilities::ringtap::plugin::types::{Batch as BatchHead, Description},
            lifecycle::exports::ringtap::plugin::lifecycle::Guest as LifecycleGuest,
        },
        call, error,
    };

    pub use crate::bindings::{
        aggregate::{self, __export_aggregate as aggregate},
        lifecycle::{self, __export_lifecycle as lifecycle},
    };

    /// The instance's plugin, from `init` on.
    #[expect(missing_debug_implementations, reason = "no API")]
    pub struct Slot<T>(RefCell<Option<T>>);

    impl<T> Slot<T> {
        pub const fn empty() -> Self {
            Self(RefCell::new(None))
        }
    }

    pub trait Exported {
        type Plugin: Plugin;
        const NAME: &'static str;
        const VERSION: &'static str;
        fn slot() -> &'static LocalKey<Slot<Self::Plugin>>;
    }

    /// Holds a plugin against what a component would need of it.
    pub const fn exports_lifecycle<E: Exported>(_: &E) {}

    /// As [`exports_lifecycle`], for the role `aggregate`.
    pub const fn exports_aggregate<E: Exported<Plugin: Aggregate>>(_: &E) {}

    fn call<E: Exported>(work: impl FnOnce(&mut E::Plugin)) {
        E::slot().with(|slot| {
            let mut plugin = slot.0.borrow_mut();
            work(plugin.as_mut().expect("the host calls `init` first"));
        });
        call::end();
    }

    impl<E: Exported> LifecycleGuest for E {
        fn describe() -> Description {
            let tick_ms = u32::try_from(E::Plugin::TICK.as_millis()).unwrap_or(u32::MAX);
            let interests = E::Plugin::interests().into_iter().map(Into::into).collect();
            let (name, version) = (E::NAME.to_owned(), E::VERSION.to_owned());
            Description { name, version, tick_ms, interests, state: None }
        }

        fn init(config: String) -> Result<(), String> {
            let plugin = E::Plugin::new(&config).map_err(|refusal| error::chain(&*refusal))?;
            E::slot().with(|slot| *slot.0.borrow_mut() = Some(plugin));
            call::end();
            Ok(())
        }

        fn tick(now_ns: u64) {
            call::<E>(|plugin| plugin.tick(now_ns));
        }

        fn stop(now_ns: u64) {
            call::<E>(|plugin| plugin.stop(now_ns));
        }
    }

    impl<E: Exported<Plugin: Aggregate>> AggregateGuest for E {
        fn on_packets(head: BatchHead, records: Vec<u8>, payload: Vec<u8>) {
            let batch = Batch::new(head, &records, &payload);
            call::<E>(|plugin| plugin.on_packets(&batch));
        }
    }
}
