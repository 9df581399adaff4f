#!/bin/sh
# Build the SDK natively, with sanitizers and a recorder in the host's place, and run its tests: each
# file here is a program, and so is each example with its own test. `run.sh NAME` runs those of a name.
set -eu
cd "$(dirname "$0")/.."
clang=${CLANG:-clang-22}
build=${BUILD:-build}
mkdir -p "$build"
rm -f "$build"/*.o
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
flags="-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer $warnings"
# Memory that a test has not given back is no bug of the SDK: a plugin ends with its instance.
export ASAN_OPTIONS=detect_leaks=0:handle_sigill=0
for source in src/*.c testing/*.c; do
    # shellcheck disable=SC2086
    $clang -std=c11 -D_GNU_SOURCE $flags -Iinclude -c "$source" -o "$build/$(basename "$source" .c).o"
done
# The example that a test of its name is for.
subject() {
    case $1 in
    examples/*_test.c) [ ! -f "${1%_test.c}.c" ] || echo "${1%_test.c}.c" ;;
    esac
}

for test in tests/*.c tests/*.cpp examples/*_test.c; do
    name=$(basename "$test")
    case $name in *"${1:-}"*) ;; *) continue ;; esac
    case $name in
    *.cpp) compile="$clang -std=c++17 -fno-exceptions -fno-rtti" ;;
    *) compile="$clang -std=c11" ;;
    esac
    echo "$name"
    # shellcheck disable=SC2046,SC2086
    $compile -D_GNU_SOURCE $flags -Iinclude -Isrc "$test" $(subject "$test") "$build"/*.o -lm \
        -o "$build/$name.test"
    "$build/$name.test"
done

# All that is shown builds for WebAssembly too.
wasm="--target=wasm32-unknown-unknown -mbulk-memory -ffreestanding -nostdlibinc -isystem libc"
for example in examples/*.c examples/*.cpp; do
    case $example in
    *_test.c) continue ;;
    *.cpp) standard="-std=c++17 -fno-exceptions -fno-rtti" ;;
    *) standard=-std=c11 ;;
    esac
    # shellcheck disable=SC2086
    $clang $standard $wasm $warnings -Iinclude -c "$example" -o "$build/example.wasm"
done
