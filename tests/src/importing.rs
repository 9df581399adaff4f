use crate::wanting::{Doing, Wish};

/// The part of WASI by which guests print.
const WASI: &str = "
    package wasi:io@0.2.3 {
        interface streams {
            resource output-stream {
                blocking-write-and-flush: func(contents: list<u8>) -> result;
            }
        }
    }
    package wasi:cli@0.2.3 {
        interface stdout {
            use wasi:io/streams@0.2.3.{output-stream};
            get-stdout: func() -> output-stream;
        }
        interface stderr {
            use wasi:io/streams@0.2.3.{output-stream};
            get-stderr: func() -> output-stream;
        }
    }";

/// A plugin that imports the capability `kv` and never uses it.
pub fn importing_kv() -> Vec<u8> {
    let doing = Doing {
        imports: "import ringtap:plugin/kv@0.1.0;",
        functions: r#"(import "ringtap:plugin/kv@0.1.0" "delete" (func (param i32 i32)))"#,
        ..Doing::default()
    };
    doing.wanting(&[Wish::new("all", "")])
}

/// A plugin that prints "one" and "two" to WASI's standard output, and "three" to its standard
/// error, in pieces and without a last line break.
pub fn printing() -> Vec<u8> {
    let doing = Doing {
        imports: "import wasi:cli/stdout@0.2.3; import wasi:cli/stderr@0.2.3;",
        packages: WASI,
        functions: r#"
            (import "wasi:cli/stdout@0.2.3" "get-stdout" (func $out (result i32)))
            (import "wasi:cli/stderr@0.2.3" "get-stderr" (func $err (result i32)))
            (import "wasi:io/streams@0.2.3" "[method]output-stream.blocking-write-and-flush"
                (func $write (param i32 i32 i32) (result i32)))
            (data (i32.const 0x70000) "one\ntwothree")"#,
        init: r#"
            (drop (call $write (call $out) (i32.const 0x70000) (i32.const 5)))
            (drop (call $write (call $out) (i32.const 0x70005) (i32.const 2)))
            (drop (call $write (call $err) (i32.const 0x70007) (i32.const 5)))"#,
    };
    doing.wanting(&[Wish::new("all", "")])
}
