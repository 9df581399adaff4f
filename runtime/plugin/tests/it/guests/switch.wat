;; A plugin whose behaviour is chosen by the first byte of its config; see the dispatches below.
;; `{on-describe}` is replaced by a test that needs something done there.
(module
  (import "ringtap:plugin/log@0.1.0" "write"
    (func $log (param $level i32) (param $text i32) (param $len i32)))
  (import "ringtap:plugin/clock@0.1.0" "now-ns" (func $now (result i64)))
  (import "ringtap:plugin/metrics@0.1.0" "counter"
    (func $counter (param i32 i32 i32 i32 i32 i32 i32)))
  (import "ringtap:plugin/metrics@0.1.0" "gauge"
    (func $gauge (param i32 i32 i32 i32 i32 i32 i32)))
  (import "ringtap:plugin/metrics@0.1.0" "update" (func $update (param i32 i32 i32 i32 i32)))
  (import "ringtap:plugin/events@0.1.0" "emit" (func $emit (param i32 i32 i32)))

  (memory (export "memory") 2)
  (global $mode (mut i32) (i32.const 0))
  (global $next (mut i32) (i32.const 8192))
  (global $packets (mut i32) (i32.const 0))
  (global $ticks (mut i32) (i32.const 0))
  (global $last-tick (mut i32) (i32.const 0))
  (global $bytes (mut i32) (i32.const 0))

  (data (i32.const 1024) "switch")
  (data (i32.const 1040) "1.2.3")
  (data (i32.const 1056) "no, thanks")
  (data (i32.const 1072) "packets_total")
  (data (i32.const 1088) "ticks_total")
  (data (i32.const 1104) "last_tick_seconds")
  (data (i32.const 1136) "record_bytes_total")
  (data (i32.const 1168) "batch")
  (data (i32.const 1184) "sequence")
  (data (i32.const 1200) "stopped")
  (data (i32.const 1216) "in on-packets")

  ;; What the host hands over lives until the call ends.
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (block $fits
      (br_if $fits
        (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
      (br_if $fits
        (i32.ne
          (memory.grow (i32.add (i32.const 1) (i32.div_u (local.get $size) (i32.const 65536))))
          (i32.const -1)))
      unreachable)
    (local.get $at))

  (func $reset (global.set $next (i32.const 8192)))

  (func (export "ringtap:plugin/lifecycle@0.1.0#describe") (result i32)
    {on-describe}
    (i32.store (i32.const 16) (i32.const 1024))
    (i32.store (i32.const 20) (i32.const 6))
    (i32.store (i32.const 24) (i32.const 1040))
    (i32.store (i32.const 28) (i32.const 5))
    (i32.store (i32.const 32) (i32.const 1000))
    (i32.const 16))

  ;; The handle of a series, or a trap.
  (func $handle (result i32)
    (if (i32.load8_u (i32.const 48)) (then unreachable))
    (i32.load (i32.const 52)))

  (func $define-counter (param $name i32) (param $len i32) (result i32)
    (call $counter (local.get $name) (local.get $len) (local.get $name) (local.get $len)
      (i32.const 0) (i32.const 0) (i32.const 48))
    (call $handle))

  (func (export "ringtap:plugin/lifecycle@0.1.0#init") (param $text i32) (param $len i32) (result i32)
    (if (local.get $len) (then (global.set $mode (i32.load8_u (local.get $text)))))
    (call $reset)
    (global.set $packets (call $define-counter (i32.const 1072) (i32.const 13)))
    (global.set $ticks (call $define-counter (i32.const 1088) (i32.const 11)))
    (global.set $bytes (call $define-counter (i32.const 1136) (i32.const 18)))
    ;; 'r': refuse
    (if (i32.eq (global.get $mode) (i32.const 0x72))
      (then
        (i32.store (i32.const 64) (i32.const 1))
        (i32.store (i32.const 68) (i32.const 1056))
        (i32.store (i32.const 72) (i32.const 10))
        (return (i32.const 64))))
    ;; 'i': trap in init
    (if (i32.eq (global.get $mode) (i32.const 0x69)) (then unreachable))
    (i32.store (i32.const 64) (i32.const 0))
    (i32.const 64))

  (func $add (param $series i32) (param $value f64)
    (i32.store (i32.const 80) (local.get $series))
    (f64.store (i32.const 88) (local.get $value))
    (call $update (i32.const 80) (i32.const 1) (i32.const 88) (i32.const 1) (i32.const 96))
    (if (i32.load8_u (i32.const 96)) (then unreachable)))

  ;; One event with one field, `sequence`.
  (func $event (param $kind i32) (param $len i32) (param $time i64) (param $sequence i64)
    (i32.store (i32.const 112) (local.get $kind))
    (i32.store (i32.const 116) (local.get $len))
    (i64.store (i32.const 120) (local.get $time))
    (i32.store (i32.const 128) (i32.const 144))
    (i32.store (i32.const 132) (i32.const 1))
    (i32.store (i32.const 144) (i32.const 1184))
    (i32.store (i32.const 148) (i32.const 8))
    (i32.store8 (i32.const 152) (i32.const 2))
    (i64.store (i32.const 160) (local.get $sequence))
    (call $emit (i32.const 112) (i32.const 1) (i32.const 176))
    (if (i32.load8_u (i32.const 176)) (then unreachable)))

  (func $on-packets (export "ringtap:plugin/aggregate@0.1.0#on-packets")
    (param $sequence i64) (param $shed i64) (param $offset i64) (param $size i32) (param $count i32)
    (param $records i32) (param $records-len i32) (param $payload i32) (param $payload-len i32)
    (call $reset)
    (call $add (global.get $packets) (f64.convert_i32_u (local.get $count)))
    (call $add (global.get $bytes) (f64.convert_i32_u (local.get $records-len)))
    (call $event (i32.const 1168) (i32.const 5) (call $now) (local.get $sequence))
    ;; 't': trap
    (if (i32.eq (global.get $mode) (i32.const 0x74)) (then unreachable))
    ;; 'u': trap on a batch of 13
    (if (i32.and (i32.eq (global.get $mode) (i32.const 0x75)) (i32.eq (local.get $count) (i32.const 13)))
      (then unreachable))
    ;; 'l': never return
    (if (i32.eq (global.get $mode) (i32.const 0x6c)) (then (loop $forever (br $forever))))
    ;; 'm': take memory until it is refused, then trap
    (if (i32.eq (global.get $mode) (i32.const 0x6d))
      (then
        (loop $more
          (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
        unreachable))
    ;; 'o': hand over more than the memory holds
    (if (i32.eq (global.get $mode) (i32.const 0x6f))
      (then (call $log (i32.const 1) (i32.const 0) (i32.const 0x7fffffff))))
    ;; 'w': write to the log
    (if (i32.eq (global.get $mode) (i32.const 0x77))
      (then (call $log (i32.const 1) (i32.const 1216) (i32.const 13)))))

  (func (export "ringtap:plugin/lifecycle@0.1.0#tick") (param $now i64)
    (call $add (global.get $ticks) (f64.const 1))
    (call $gauge (i32.const 1104) (i32.const 17) (i32.const 1104) (i32.const 17)
      (i32.const 0) (i32.const 0) (i32.const 48))
    (call $add (call $handle) (f64.div (f64.convert_i64_u (local.get $now)) (f64.const 1e9))))

  (func (export "ringtap:plugin/lifecycle@0.1.0#stop") (param $now i64)
    (call $event (i32.const 1200) (i32.const 7) (local.get $now) (i64.const 0))))
