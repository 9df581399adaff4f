// Destinations, in the order in which they came.
#ifndef METER_TABLE_HPP
#define METER_TABLE_HPP

#include <ringtap.hpp>
#include <stdlib.h>
#include <string.h>

struct Destination {
    ringtap::Address address;
    uint64_t bytes = 0;
    uint64_t packets = 0;
    ringtap::Counter counter;

    static constexpr size_t saved_len = 33;

    void save(ringtap::Writer &out) const {
        uint8_t bytes16[16] = {};
        size_t len = address.version == 4 ? 4 : 16;
        memcpy(bytes16 + 16 - len, address.bytes, len);
        ringtap_write_u8(&out, address.version);
        ringtap_write_bytes(&out, bytes16, 16);
        ringtap_write_u64(&out, bytes);
        ringtap_write_u64(&out, packets);
    }

    /// False for what `save` does not write.
    bool restore(ringtap::Reader &saved) {
        static constexpr uint8_t zeros[12] = {};
        uint8_t bytes16[16];
        address = ringtap::Address();
        address.version = ringtap_read_u8(&saved);
        ringtap_read_bytes(&saved, bytes16, 16);
        size_t len = address.version == 4 ? 4 : 16;
        memcpy(address.bytes, bytes16 + 16 - len, len);
        bytes = ringtap_read_u64(&saved);
        packets = ringtap_read_u64(&saved);
        return address.version == 6 || (address.version == 4 && memcmp(bytes16, zeros, 12) == 0);
    }
};

/// A list of destinations and where to find them.
class Table {
  public:
    Table() = default;
    Table(const Table &) = delete;
    Table &operator=(const Table &) = delete;
    ~Table() {
        free(all_);
        free(places_);
    }

    uint32_t size() const {
        return size_;
    }
    const Destination &operator[](uint32_t number) const {
        return all_[number];
    }
    const Destination *begin() const {
        return all_;
    }
    const Destination *end() const {
        return all_ + size_;
    }

    Destination *find(const ringtap::Address &address) {
        uint32_t number = capacity_ == 0 ? 0 : places_[place_of(address)];
        return number == 0 ? nullptr : &all_[number - 1];
    }

    /// One that is not there yet.
    Destination &add(const ringtap::Address &address) {
        if (size_ == capacity_) {
            grow();
        }
        Destination &added = all_[size_++];
        added = Destination();
        added.address = address;
        places_[place_of(address)] = size_;
        return added;
    }

  private:
    /// Twice as many places as there can be destinations.
    size_t mask() const {
        return size_t{capacity_} * 2 - 1;
    }

    /// The finisher of SplitMix64 (Steele, Lea and Flood, 2014).
    static uint64_t mixed(uint64_t value) {
        value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
        value = (value ^ value >> 27) * 0x94d049bb133111eb;
        return value ^ value >> 31;
    }

    size_t place_of(const ringtap::Address &address) const {
        uint64_t halves[2];
        memcpy(halves, address.bytes, sizeof halves);
        size_t place = static_cast<size_t>(mixed(mixed(halves[0]) ^ halves[1])) & mask();
        while (places_[place] != 0 && all_[places_[place] - 1].address != address) {
            place = (place + 1) & mask();
        }
        return place;
    }

    void grow() {
        capacity_ = capacity_ == 0 ? 64 : capacity_ * 2;
        all_ = static_cast<Destination *>(ringtap_realloc(all_, capacity_ * sizeof *all_));
        free(places_);
        places_ = static_cast<uint32_t *>(ringtap_alloc_zeroed(mask() + 1, sizeof *places_));
        for (uint32_t i = 0; i < size_; i++) {
            places_[place_of(all_[i].address)] = i + 1;
        }
    }

    Destination *all_ = nullptr;
    uint32_t size_ = 0;
    uint32_t capacity_ = 0;
    uint32_t *places_ = nullptr;
};

#endif
