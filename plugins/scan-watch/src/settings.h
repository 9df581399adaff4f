/// The config.
#ifndef SCAN_WATCH_SETTINGS_H
#define SCAN_WATCH_SETTINGS_H

#include <ringtap.h>

#define MAX_IGNORED 16

typedef struct {
    /// A source that reaches more than so many is told.
    uint64_t hosts;
    uint64_t ports;
    uint64_t interval_ns;
    uint32_t sources;
    ringtap_address ignored[MAX_IGNORED];
    size_t ignored_count;
} settings;

/// An error says which key is wrong and what may stand there.
ringtap_error settings_read(settings *settings, ringtap_text text);

/// Whether a source may scan.
bool settings_ignore(const settings *settings, const ringtap_address *src);

#endif
