#!/bin/sh
# Build the plugin and its tests natively and run them. Any C compiler will do; CC names it.
set -eu
cd "$(dirname "$0")/.."
mkdir -p build
${CC:-cc} -std=c11 -D_GNU_SOURCE -g -Wall -Wextra ${CFLAGS:--fsanitize=address,undefined} \
    -I../../sdk/c/include src/*.c tests/*.c ../../sdk/c/src/*.c ../../sdk/c/testing/*.c -lm -o build/tests
ASAN_OPTIONS=detect_leaks=0 build/tests "$@"
