/// How many different values there were, from a bit for each hash: linear counting (Whang,
/// Vander-Zanden and Taylor, 1990). With 2,048 bits the standard error is below 2 % up to 1,000
/// values.
#ifndef SCAN_WATCH_SKETCH_H
#define SCAN_WATCH_SKETCH_H

#include <stdbool.h>
#include <stdint.h>

#define SKETCH_BITS 2048u
#define SKETCH_BYTES (SKETCH_BITS / 8)

typedef struct {
    uint8_t bits[SKETCH_BYTES];
    /// Bits that are set.
    uint16_t set;
} sketch;

/// Prepare for `sketch_estimate`.
void sketch_init(void);

/// Add a value by its hash.
void sketch_add(sketch *sketch, uint64_t hash);

/// How many different values were added, about; at most 8 times the number of bits.
uint64_t sketch_estimate(const sketch *sketch);

/// Count the bits that are set, of a sketch whose bits come from elsewhere.
void sketch_recount(sketch *sketch);

#endif
