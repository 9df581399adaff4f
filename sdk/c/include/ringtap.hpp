/// ringtap's SDK for C++17: the C SDK with types that tell apart what it doesn't have from what it
/// has, and a class for a plugin. Needs no standard library, exceptions or RTTI.
///
///     class Bytes : public ringtap::Plugin {
///       public:
///         static constexpr ringtap::Description description{"bytes", "1.0.0"};
///
///         ringtap::Error init(ringtap::Text) {
///             return bytes_.define("bytes_total", "Bytes.");
///         }
///
///         void on_packets(const ringtap::Batch &batch) {
///             for (ringtap::Packet packet : batch) {
///                 bytes_.add(packet.wire_bytes());
///             }
///         }
///
///       private:
///         ringtap::Counter bytes_;
///     };
///
///     RINGTAP_PLUGIN(Bytes)
///     RINGTAP_AGGREGATE(Bytes)
#ifndef RINGTAP_HPP
#define RINGTAP_HPP

#include "ringtap.h"

#include "ringtap/value.hpp"

#include "ringtap/packet.hpp"

#include "ringtap/event.hpp"

#include "ringtap/metric.hpp"

#include "ringtap/plugin.hpp"

#endif
