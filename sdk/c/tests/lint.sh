#!/bin/sh
# Hold what is written in C and C++ against its formatter and its linter: the SDK, the bundled plugins
# and those of the conformance tests.
set -eu
cd "$(dirname "$0")/../../.."
release=${RELEASE:-22}
all=$(git ls-files 'sdk/c/*.[ch]' 'sdk/c/*.[ch]pp' 'plugins/*.[ch]' 'tests/conformance/c*/*.[ch]' \
    'tests/conformance/cpp/*.[ch]pp')
# shellcheck disable=SC2086
clang-format-"$release" --dry-run -Werror --style=file:sdk/c/.clang-format $all
includes="-Isdk/c/include -Isdk/c/src"
wasm="--target=wasm32-unknown-unknown -mbulk-memory -ffreestanding -nostdlibinc -isystem sdk/c/libc"
tidy="clang-tidy-$release --quiet --config-file=sdk/c/.clang-tidy"
failed=0
for file in $all; do
    # shellcheck disable=SC2086
    case $file in
    */template*) ;;
    */testing/*.c | */tests/*.c) $tidy "$file" -- -std=c11 -D_GNU_SOURCE $includes ;;
    */src/*.c) $tidy "$file" -- -std=c11 $wasm $includes ;;
    */src/*.cpp) $tidy "$file" -- -std=c++17 -fno-exceptions -fno-rtti $wasm $includes ;;
    esac || failed=1
done
exit $failed
