/// What the parts of scan-watch know of each other.
#ifndef SCAN_WATCH_PLUGIN_H
#define SCAN_WATCH_PLUGIN_H

#include "settings.h"
#include "sketch.h"
#include "sources.h"

#endif
