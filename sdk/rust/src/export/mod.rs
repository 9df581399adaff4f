pub mod private;

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
/// `export!(MyPlugin)` is for a plugin without a role: one that only ticks. The roles are at most one
/// of [`Aggregate`](crate::Aggregate), [`Filter`](crate::Filter) and [`Exporter`](crate::Exporter),
/// and [`State`](crate::State) beside it: `export!(MyPlugin: Aggregate + State)`.
///
/// A plugin with two to work in is none:
/// ```compile_fail
/// # use ringtap_plugin::{Aggregate, Batch, Filter, Packet, Plugin, Refusal};
/// # struct MyPlugin;
/// # impl Plugin for MyPlugin { fn new(_: &str) -> Result<Self, Refusal> { Ok(Self) } }
/// # impl Aggregate for MyPlugin { fn on_packets(&mut self, _: &Batch<'_>) {} }
/// # impl Filter for MyPlugin { fn keep(&mut self, _: &Packet<'_>) -> bool { true } }
/// ringtap_plugin::export!(MyPlugin: Aggregate + Filter);
/// # fn main() {}
/// ```
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
                const STATE: ::core::option::Option<$crate::__private::Schema> =
                    $crate::__schema!($plugin $($first $($role)*)?);

                fn slot() -> &'static ::std::thread::LocalKey<$crate::__private::Slot<$plugin>> {
                    &INSTANCE
                }
            }

            $crate::__one_work!(; $($first $($role)*)?);
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
    (Filter $exports:ident) => {
        $crate::__exported!($exports filter exports_filter);
    };
    (Exporter $exports:ident) => {
        $crate::__exported!($exports exporter exports_exporter);
    };
    (State $exports:ident) => {
        $crate::__exported!($exports state exports_state);
    };
    ($role:ident $exports:ident) => {
        ::core::compile_error!(::core::concat!("`", ::core::stringify!($role), "` is no role"));
    };
}

/// Of the roles, at most one to work in, and each at most once.
#[doc(hidden)]
#[macro_export]
macro_rules! __one_work {
    ($($work:ident)?;) => {};
    ($($work:ident)?; State State $($rest:ident)*) => {
        ::core::compile_error!("the role `State` is named twice");
    };
    ($($work:ident)?; State $other:ident $($rest:ident)*) => {
        $crate::__one_work!($($work)?; $other State $($rest)*);
    };
    ($($work:ident)?; State) => {};
    (; $work:ident $($rest:ident)*) => {
        $crate::__one_work!($work; $($rest)*);
    };
    ($one:ident; $other:ident $($rest:ident)*) => {
        ::core::compile_error!(::core::concat!(
            "a plugin has at most one of the roles `Aggregate`, `Filter` and `Exporter`, not both `",
            ::core::stringify!($one), "` and `", ::core::stringify!($other), "`"
        ));
    };
}

/// The forms of the state, for a plugin whose roles include `State`.
#[doc(hidden)]
#[macro_export]
macro_rules! __schema {
    ($plugin:ident) => {
        ::core::option::Option::None
    };
    ($plugin:ident State $($rest:ident)*) => {
        ::core::option::Option::Some($crate::__private::Schema::of::<$plugin>())
    };
    ($plugin:ident $role:ident $($rest:ident)*) => {
        $crate::__schema!($plugin $($rest)*)
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
