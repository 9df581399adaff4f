;; What the Go runtime asks of WASI preview 1, without any WASI behind it.
;;
;; `ringtap plugin build` assembles this and gives it to the component encoder as the adapter for
;; `wasi_snapshot_preview1`. A block between `;; if log` and `;; end log` is left out where the
;; plugin does not import ringtap's `log`, so that the adapter adds no capability of its own.
;;
;; Nothing here may call the host but the log, and that only for text that is written: the runtime
;; reads clocks while the host lowers values into its memory, when no call may leave the instance.
;;
;; Errors are those of WASI: 8 badf, 52 nosys.
(module
  ;; if log
  (import "ringtap:plugin/log@0.1.0" "write" (func $log (param i32 i32 i32)))
  ;; end log
  (import "env" "memory" (memory 0))

  ;; Both clocks, in ns since 1970. It moves a little each time it is read and by as much as is slept,
  ;; so nothing waits, and every run sees the same times.
  (global $now (mut i64) (i64.const 0))
  ;; State of the random numbers: SplitMix64 (Steele, Lea and Flood, 2014), the same in every run.
  (global $seed (mut i64) (i64.const 0))
  ;; Where an unfinished line is kept, given by the SDK; 0 before that.
  (global $line (mut i32) (i32.const 0))
  (global $line-size (mut i32) (i32.const 0))
  (global $line-used (mut i32) (i32.const 0))
  ;; Of whom the unfinished line is: 1 standard output, 2 standard error.
  (global $line-of (mut i32) (i32.const 0))

  ;; No WASI: the SDK says where there is room for a line.
  (func (export "ringtap_line_buffer") (param $at i32) (param $size i32)
    (global.set $line (local.get $at))
    (global.set $line-size (local.get $size)))

  (func $flush
    ;; if log
    (if (global.get $line-used)
      (then
        (call $log
          ;; Standard error is level 3, error; standard output is 1, info.
          (select (i32.const 3) (i32.const 1) (i32.eq (global.get $line-of) (i32.const 2)))
          (global.get $line)
          (global.get $line-used))))
    ;; end log
    (global.set $line-used (i32.const 0)))

  (func $put (param $byte i32)
    (if (i32.eqz (global.get $line)) (then (return)))
    (if (i32.eq (local.get $byte) (i32.const 10)) (then (call $flush) (return)))
    ;; The log takes UTF-8 only, and a line may be cut anywhere.
    (if (i32.gt_u (local.get $byte) (i32.const 126)) (then (local.set $byte (i32.const 63))))
    (if (i32.eq (local.get $byte) (i32.const 9)) (then (local.set $byte (i32.const 32))))
    (i32.store8 (i32.add (global.get $line) (global.get $line-used)) (local.get $byte))
    (global.set $line-used (i32.add (global.get $line-used) (i32.const 1)))
    (if (i32.eq (global.get $line-used) (global.get $line-size)) (then (call $flush))))

  (func (export "fd_write")
    (param $fd i32) (param $iovs i32) (param $count i32) (param $written i32) (result i32)
    (local $at i32) (local $end i32) (local $all i32)
    (if (i32.gt_u (i32.sub (local.get $fd) (i32.const 1)) (i32.const 1))
      (then (return (i32.const 8))))
    (if (i32.ne (local.get $fd) (global.get $line-of))
      (then (call $flush) (global.set $line-of (local.get $fd))))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $at (i32.load (local.get $iovs)))
        (local.set $end (i32.add (local.get $at) (i32.load offset=4 (local.get $iovs))))
        (local.set $all (i32.add (local.get $all) (i32.load offset=4 (local.get $iovs))))
        ;; if log
        (block $written-out
          (loop $byte
            (br_if $written-out (i32.eq (local.get $at) (local.get $end)))
            (call $put (i32.load8_u (local.get $at)))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $byte)))
        ;; end log
        (local.set $iovs (i32.add (local.get $iovs) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (i32.store (local.get $written) (local.get $all))
    (i32.const 0))

  ;; The end of the instance: after a panic, or by `os.Exit`.
  (func (export "proc_exit") (param i32)
    (call $flush)
    (unreachable))

  (func (export "clock_time_get") (param $id i32) (param $precision i64) (param $at i32) (result i32)
    (global.set $now (i64.add (global.get $now) (i64.const 1000)))
    (i64.store (local.get $at) (global.get $now))
    (i32.const 0))

  (func (export "random_get") (param $at i32) (param $len i32) (result i32)
    (local $end i32) (local $z i64)
    (local.set $end (i32.add (local.get $at) (local.get $len)))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (global.set $seed (i64.add (global.get $seed) (i64.const 0x9e3779b97f4a7c15)))
        (local.set $z (global.get $seed))
        (local.set $z
          (i64.mul
            (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 30)))
            (i64.const 0xbf58476d1ce4e5b9)))
        (local.set $z
          (i64.mul
            (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 27)))
            (i64.const 0x94d049bb133111eb)))
        (i64.store8 (local.get $at)
          (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 31))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  ;; The runtime asks only to sleep: for one clock, whose timeout stands at 24. It is over at once.
  (func (export "poll_oneoff")
    (param $in i32) (param $out i32) (param $count i32) (param $happened i32) (result i32)
    (if (i32.ne (local.get $count) (i32.const 1)) (then (return (i32.const 52))))
    (if (i32.load8_u offset=8 (local.get $in)) (then (return (i32.const 52))))
    (global.set $now (i64.add (global.get $now) (i64.load offset=24 (local.get $in))))
    (i64.store (local.get $out) (i64.load (local.get $in)))
    (i64.store offset=8 (local.get $out) (i64.const 0))
    (i32.store (local.get $happened) (i32.const 1))
    (i32.const 0))

  (func (export "sched_yield") (result i32) (i32.const 0))

  ;; No arguments, no environment.
  (func $none (param $count i32) (param $size i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $size) (i32.const 0))
    (i32.const 0))
  (export "args_sizes_get" (func $none))
  (export "environ_sizes_get" (func $none))
  (func (export "args_get") (param i32 i32) (result i32) (i32.const 0))
  (func (export "environ_get") (param i32 i32) (result i32) (i32.const 0))

  ;; No files and no sockets.
  (func (export "fd_close") (param i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_set_flags") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_set_rights") (param i32 i64 i64) (result i32) (i32.const 8))
  (func (export "fd_filestat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_filestat_set_size") (param i32 i64) (result i32) (i32.const 8))
  (func (export "fd_pread") (param i32 i32 i32 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_pwrite") (param i32 i32 i32 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_read") (param i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_readdir") (param i32 i32 i32 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_sync") (param i32) (result i32) (i32.const 8))
  (func (export "path_create_directory") (param i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_filestat_get") (param i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_filestat_set_times") (param i32 i32 i32 i32 i64 i64 i32) (result i32)
    (i32.const 52))
  (func (export "path_link") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_open") (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)
    (i32.const 52))
  (func (export "path_readlink") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_remove_directory") (param i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_rename") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_symlink") (param i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_unlink_file") (param i32 i32 i32) (result i32) (i32.const 52))
  (func (export "sock_accept") (param i32 i32 i32) (result i32) (i32.const 52))
  (func (export "sock_shutdown") (param i32 i32) (result i32) (i32.const 52)))
