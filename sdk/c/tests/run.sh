#!/bin/sh
# Build the SDK natively, with sanitizers and a recorder in the host's place, and run its tests: each
# file here is a program. `run.sh NAME` runs one of them.
set -eu
cd "$(dirname "$0")/.."
clang=${CLANG:-clang-22}
build=${BUILD:-build}
mkdir -p "$build"
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
flags="-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer $warnings"
# Memory that a test has not given back is no bug of the SDK: a plugin ends with its instance.
export ASAN_OPTIONS=detect_leaks=0:handle_sigill=0
for source in src/*.c testing/*.c; do
    # shellcheck disable=SC2086
    $clang -std=c11 -D_GNU_SOURCE $flags -Iinclude -c "$source" -o "$build/$(basename "$source" .c).o"
done
for test in tests/*.c tests/*.cpp; do
    name=$(basename "$test")
    case $name in *"${1:-}"*) ;; *) continue ;; esac
    case $name in
    *.cpp) compile="$clang -std=c++17 -fno-exceptions -fno-rtti" ;;
    *) compile="$clang -std=c11" ;;
    esac
    echo "$name"
    # shellcheck disable=SC2086
    $compile -D_GNU_SOURCE $flags -Iinclude -Isrc "$test" "$build"/*.o -lm -o "$build/$name.test"
    "$build/$name.test"
done
