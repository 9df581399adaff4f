#include "sketch.h"

#define MOST (8 * SKETCH_BITS)

/// How many values set so many bits, on average.
static uint16_t estimates[SKETCH_BITS + 1];

void sketch_init(void) {
    // Of n values, the next one meets a free bit as often as there are free ones.
    double expected = 0;
    uint32_t bits = 0;
    for (uint32_t n = 0; n < MOST; n++) {
        while (bits <= SKETCH_BITS && bits < expected + 0.5) {
            estimates[bits++] = (uint16_t)n;
        }
        expected += 1 - expected / SKETCH_BITS;
    }
    while (bits <= SKETCH_BITS) {
        estimates[bits++] = MOST - 1;
    }
}

void sketch_add(sketch *sketch, uint64_t hash) {
    uint32_t bit = (uint32_t)hash % SKETCH_BITS;
    uint8_t mask = (uint8_t)(1u << bit % 8);
    uint8_t *byte = &sketch->bits[bit / 8];
    sketch->set = (uint16_t)(sketch->set + ((*byte & mask) == 0 ? 1 : 0));
    *byte |= mask;
}

uint64_t sketch_estimate(const sketch *sketch) {
    return estimates[sketch->set];
}

void sketch_recount(sketch *sketch) {
    sketch->set = 0;
    for (uint32_t i = 0; i < SKETCH_BYTES; i++) {
        sketch->set = (uint16_t)(sketch->set + __builtin_popcount(sketch->bits[i]));
    }
}
