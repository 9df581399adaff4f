/// Metrics.
#ifndef RINGTAP_METRIC_HPP
#define RINGTAP_METRIC_HPP

#include "ringtap/metrics.h"
#include "ringtap/value.hpp"

namespace ringtap {

/// A label and its value.
using Label = ringtap_label;

/// A number that only grows: a handle, to be copied as one likes.
class Counter {
  public:
    constexpr Counter() = default;
    explicit Counter(ringtap_counter *counter) : counter_(counter) {}

    Error define(const char *name, const char *help) {
        return ringtap_counter_new(&counter_, name, help, nullptr, 0);
    }
    template <size_t N> Error define(const char *name, const char *help, const Label (&labels)[N]) {
        return ringtap_counter_new(&counter_, name, help, labels, N);
    }
    explicit operator bool() const {
        return counter_ != nullptr;
    }
    void inc() {
        ringtap_counter_inc(counter_);
    }
    void add(uint64_t n) {
        ringtap_counter_add(counter_, n);
    }
    void add_float(double delta) {
        ringtap_counter_add_float(counter_, delta);
    }
    /// Drop the series; the handle and its copies are gone then.
    void forget() {
        ringtap_counter_forget(counter_);
        counter_ = nullptr;
    }

  private:
    ringtap_counter *counter_ = nullptr;
};

/// A number that is set.
class Gauge {
  public:
    constexpr Gauge() = default;
    explicit Gauge(ringtap_gauge *gauge) : gauge_(gauge) {}

    Error define(const char *name, const char *help) {
        return ringtap_gauge_new(&gauge_, name, help, nullptr, 0);
    }
    template <size_t N> Error define(const char *name, const char *help, const Label (&labels)[N]) {
        return ringtap_gauge_new(&gauge_, name, help, labels, N);
    }
    explicit operator bool() const {
        return gauge_ != nullptr;
    }
    void set(double value) {
        ringtap_gauge_set(gauge_, value);
    }
    void forget() {
        ringtap_gauge_forget(gauge_);
        gauge_ = nullptr;
    }

  private:
    ringtap_gauge *gauge_ = nullptr;
};

/// Counts of observations under upper bounds.
class Histogram {
  public:
    constexpr Histogram() = default;
    explicit Histogram(ringtap_histogram *histogram) : histogram_(histogram) {}

    template <size_t B>
    Error define(const char *name, const char *help, const double (&bounds)[B]) {
        return ringtap_histogram_new(&histogram_, name, help, bounds, B, nullptr, 0);
    }
    template <size_t B, size_t N>
    Error define(const char *name, const char *help, const double (&bounds)[B],
                 const Label (&labels)[N]) {
        return ringtap_histogram_new(&histogram_, name, help, bounds, B, labels, N);
    }
    explicit operator bool() const {
        return histogram_ != nullptr;
    }
    void observe(double value) {
        ringtap_histogram_observe(histogram_, value);
    }
    void forget() {
        ringtap_histogram_forget(histogram_);
        histogram_ = nullptr;
    }

  private:
    ringtap_histogram *histogram_ = nullptr;
};

/// The C SDK's family of a kind of metric.
template <class Metric> struct FamilyOf;
template <> struct FamilyOf<Counter> {
    using Type = ringtap_counter_family;
};
template <> struct FamilyOf<Gauge> {
    using Type = ringtap_gauge_family;
};
template <> struct FamilyOf<Histogram> {
    using Type = ringtap_histogram_family;
};

/// Series of one name, told apart by the values of labels; see `ringtap/metrics.h`.
///
///     ringtap::Family<ringtap::Counter, 2> packets{"packets_total", "Packets.",
///                                                  {"protocol", "direction"}};
///     packets.with("tcp", "ingress").inc();
template <class Metric, size_t N> class Family {
  public:
    Family(const char *name, const char *help, const char *const (&labels)[N]) : family_() {
        static_assert(N <= RINGTAP_MAX_LABELS, "a metric has at most 16 labels");
        family_.family.name = name;
        family_.family.help = help;
        for (size_t i = 0; i < N; i++) {
            family_.family.labels[i] = labels[i];
        }
    }
    /// Of histograms. The bounds have to last.
    template <size_t B>
    Family(const char *name, const char *help, const double (&bounds)[B],
           const char *const (&labels)[N])
        : Family(name, help, labels) {
        family_.family.bounds = bounds;
        family_.family.bound_count = B;
    }

    /// The series with these values of the labels, C strings. Panics if the host refuses it.
    template <class... Values> Metric with(Values... values) {
        Metric metric;
        Error error = try_with(metric, values...);
        if (error != nullptr) {
            ringtap_panic(error);
        }
        return metric;
    }
    template <class... Values> Error try_with(Metric &out, Values... values) {
        static_assert(sizeof...(values) == N, "a value for each label");
        const char *const all[] = {values...};
        return find(out, all);
    }
    /// Drop the series with these values, if there is one.
    template <class... Values> void forget(Values... values) {
        static_assert(sizeof...(values) == N, "a value for each label");
        const char *const all[] = {values...};
        ringtap_family_forget_(&family_.family, all);
    }
    /// Series, without the one for overflow.
    size_t size() const {
        return family_.family.len;
    }

  private:
    Error find(Counter &out, const char *const *values) {
        ringtap_counter *series;
        Error error = ringtap_counter_with_(&family_, &series, values);
        if (error == nullptr) {
            out = Counter(series);
        }
        return error;
    }
    Error find(Gauge &out, const char *const *values) {
        ringtap_gauge *series;
        Error error = ringtap_gauge_with_(&family_, &series, values);
        if (error == nullptr) {
            out = Gauge(series);
        }
        return error;
    }
    Error find(Histogram &out, const char *const *values) {
        ringtap_histogram *series;
        Error error = ringtap_histogram_with_(&family_, &series, values);
        if (error == nullptr) {
            out = Histogram(series);
        }
        return error;
    }

    typename FamilyOf<Metric>::Type family_;
};

} // namespace ringtap

#endif
