#!/bin/sh
# Build the plugin and its tests natively and run them. Any compiler will do; CC and CXX name it.
set -eu
cd "$(dirname "$0")/.."
rm -rf build/native
mkdir -p build/native
flags="-D_GNU_SOURCE -g -Wall -Wextra ${CFLAGS:--fsanitize=address,undefined} -Isdk/include"
for source in sdk/src/*.c sdk/testing/*.c; do
    # shellcheck disable=SC2086
    ${CC:-cc} -std=c11 $flags -c "$source" -o "build/native/$(basename "$source").o"
done
# shellcheck disable=SC2086
${CXX:-c++} -std=c++17 $flags src/*.cpp tests/*.cpp build/native/*.o -lm -o build/native/tests
ASAN_OPTIONS=detect_leaks=0 build/native/tests "$@"
