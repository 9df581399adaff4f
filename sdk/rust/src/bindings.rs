//! What `wit-bindgen` makes of `wit/`: a world for the imports and one for each role, so that a
//! component declares the roles that [`export!`](crate::export) was told and no others.
#![expect(missing_docs, unreachable_pub, reason = "generated")]

pub mod capabilities {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package ringtap:sdk;
            world capabilities {
                import ringtap:plugin/log@0.1.0;
                import ringtap:plugin/clock@0.1.0;
                import ringtap:plugin/interfaces@0.1.0;
                import ringtap:plugin/metrics@0.1.0;
                import ringtap:plugin/events@0.1.0;
                import ringtap:plugin/kv@0.1.0;
                import ringtap:plugin/random@0.1.0;
            }",
        world: "ringtap:sdk/capabilities",
        ownership: Borrowing { duplicate_if_necessary: true },
        generate_all,
    });
}

pub mod lifecycle {
    wit_bindgen::generate!({
        path: "wit",
        inline: "package ringtap:sdk; world lifecycle { export ringtap:plugin/lifecycle@0.1.0; }",
        world: "ringtap:sdk/lifecycle",
        with: { "ringtap:plugin/types@0.1.0": crate::bindings::capabilities::ringtap::plugin::types },
        pub_export_macro: true,
        export_macro_name: "__export_lifecycle",
    });
}

pub mod aggregate {
    wit_bindgen::generate!({
        path: "wit",
        inline: "package ringtap:sdk; world aggregate { export ringtap:plugin/aggregate@0.1.0; }",
        world: "ringtap:sdk/aggregate",
        with: { "ringtap:plugin/types@0.1.0": crate::bindings::capabilities::ringtap::plugin::types },
        pub_export_macro: true,
        export_macro_name: "__export_aggregate",
    });
}

pub mod filter {
    wit_bindgen::generate!({
        path: "wit",
        inline: "package ringtap:sdk; world filter { export ringtap:plugin/filter@0.1.0; }",
        world: "ringtap:sdk/filter",
        with: { "ringtap:plugin/types@0.1.0": crate::bindings::capabilities::ringtap::plugin::types },
        pub_export_macro: true,
        export_macro_name: "__export_filter",
    });
}

/// With types of its own: there the events are the plugin's, in `capabilities` they are borrowed.
pub mod exporter {
    wit_bindgen::generate!({
        path: "wit",
        inline: "package ringtap:sdk; world exporter { export ringtap:plugin/exporter@0.1.0; }",
        world: "ringtap:sdk/exporter",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "__export_exporter",
    });
}

pub mod state {
    wit_bindgen::generate!({
        path: "wit",
        inline: "package ringtap:sdk; world state { export ringtap:plugin/state@0.1.0; }",
        world: "ringtap:sdk/state",
        pub_export_macro: true,
        export_macro_name: "__export_state",
    });
}
