/// What is told apart, by a fixed set of names, so that nobody who sends packets decides how many
/// series there are.
#ifndef PROTOCOL_MIX_NAMES_H
#define PROTOCOL_MIX_NAMES_H

#include <ringtap.h>

typedef enum { ETHERTYPE, PROTOCOL, SERVICE, SIZE, DIMENSIONS } dimension;

/// Most values of a dimension.
#define MAX_NAMES 40

/// The name of a value, as a label has it.
const char *name_of_value(dimension dimension, uint32_t value);

// Values, by their number in the dimension.

uint32_t name_of_ethertype(ringtap_packet packet);
uint32_t name_of_protocol(ringtap_packet packet);
uint32_t name_of_service(ringtap_packet packet);
uint32_t name_of_size(uint64_t bytes);

#endif
