#include <math.h>

#include "ringtap/testing.h"

static ringtap_counter *counter(const char *name) {
    ringtap_counter *counter = NULL;
    RINGTAP_CHECK(ringtap_counter_new(&counter, name, "", NULL, 0) == NULL);
    return counter;
}

RINGTAP_TEST(values_cross_once_when_the_call_ends) {
    ringtap_counter *packets = counter("p_total");
    ringtap_gauge *gauge;
    RINGTAP_CHECK(ringtap_gauge_new(&gauge, "g", "", NULL, 0) == NULL);
    ringtap_histogram *sizes;
    const double bounds[] = {1, 2};
    RINGTAP_CHECK(ringtap_histogram_new(&sizes, "h", "", bounds, 2, NULL, 0) == NULL);
    for (int i = 0; i < 1000; i++) {
        ringtap_counter_inc(packets);
        ringtap_gauge_set(gauge, i);
        ringtap_histogram_observe(sizes, 2);
    }
    ringtap_counter_add_float(packets, 0.5);
    RINGTAP_CHECK(ringtap_test_metric("p_total", NULL) == 0);
    ringtap_test_end_call();
    RINGTAP_CHECK(ringtap_test_metric("p_total", NULL) == 1000.5);
    RINGTAP_CHECK(ringtap_test_metric("g", NULL) == 999);
    RINGTAP_CHECK(ringtap_test_metric("h", NULL) == 2000);
    RINGTAP_CHECK(ringtap_test_host_calls() == 1);
    ringtap_test_end_call();
    RINGTAP_CHECK(ringtap_test_host_calls() == 1);
}

RINGTAP_TEST(a_refusal_names_the_metric) {
    ringtap_counter *series;
    RINGTAP_CHECK_TEXT(ringtap_counter_new(&series, "ringtap_x", "", NULL, 0),
                       "can't define the metric ringtap_x: its name begins with ringtap_");
}

RINGTAP_TEST(what_is_forgotten_is_gone_with_what_the_call_did) {
    ringtap_counter *gone = counter("a_total");
    ringtap_counter *kept = counter("b_total");
    ringtap_counter_inc(gone);
    ringtap_counter_inc(kept);
    ringtap_counter_forget(gone);
    ringtap_test_end_call();
    RINGTAP_CHECK(isnan(ringtap_test_metric("a_total", NULL)));
    RINGTAP_CHECK(ringtap_test_metric("b_total", NULL) == 1);
}

RINGTAP_TEST(a_family_defines_each_series_once) {
    ringtap_counter_family family = RINGTAP_FAMILY("c_total", "", "a", "b");
    ringtap_counter *series;
    for (int i = 0; i < 3; i++) {
        RINGTAP_CHECK(ringtap_counter_with(&family, &series, "x", "yz") == NULL);
        ringtap_counter_inc(series);
    }
    RINGTAP_CHECK(ringtap_counter_with(&family, &series, "xy", "z") == NULL);
    ringtap_counter_add(series, 5);
    ringtap_test_end_call();
    RINGTAP_CHECK(ringtap_test_metric("c_total", "b", "yz", "a", "x", NULL) == 3);
    RINGTAP_CHECK(ringtap_test_metric("c_total", "a", "xy", "b", "z", NULL) == 5);
    ringtap_family_forget(&family, "x", "yz");
    ringtap_family_forget(&family, "never", "used");
    ringtap_test_end_call();
    RINGTAP_CHECK(ringtap_family_len(&family) == 1 && ringtap_test_series("c_total") == 1);
}

RINGTAP_TEST(a_family_finds_all_that_is_left_among_many) {
    ringtap_gauge_family family = RINGTAP_FAMILY("g", "", "n");
    ringtap_gauge *series;
    char name[RINGTAP_NUMBER_TEXT];
    for (uint64_t i = 0; i < 500; i++) {
        RINGTAP_CHECK(ringtap_gauge_with(&family, &series, ringtap_u64_text(i, name)) == NULL);
        ringtap_gauge_set(series, (double)i);
    }
    for (uint64_t i = 0; i < 500; i += 3) {
        ringtap_family_forget(&family, ringtap_u64_text(i, name));
    }
    ringtap_test_end_call();
    RINGTAP_CHECK(ringtap_family_len(&family) == 333 && ringtap_test_series("g") == 333);
    for (uint64_t i = 0; i < 500; i++) {
        double value = ringtap_test_metric("g", "n", ringtap_u64_text(i, name), NULL);
        RINGTAP_CHECK(i % 3 == 0 ? isnan(value) : value == (double)i);
        if (i % 3 != 0) {
            RINGTAP_CHECK(ringtap_gauge_with(&family, &series, name) == NULL);
        }
    }
    RINGTAP_CHECK(ringtap_test_series("g") == 333);
}

RINGTAP_TEST(a_family_remembers_none_of_the_values_that_overflow) {
    ringtap_test_limit_series(2);
    ringtap_counter_family family = RINGTAP_FAMILY("c_total", "", "a");
    static const char *const values[] = {"x", "y", "p", "q", "p"};
    ringtap_counter *series;
    for (size_t i = 0; i < 5; i++) {
        RINGTAP_CHECK(ringtap_counter_with(&family, &series, values[i]) == NULL);
        ringtap_counter_inc(series);
        ringtap_test_end_call();
    }
    RINGTAP_CHECK(ringtap_test_metric("c_total", "a", "(overflow)", NULL) == 3);
    // Nobody may forget what is everybody's.
    ringtap_family_forget(&family, "p");
    ringtap_family_forget(&family, "x");
    ringtap_test_end_call();
    RINGTAP_CHECK(ringtap_family_len(&family) == 1 && ringtap_test_series("c_total") == 2);
    // There is room now.
    RINGTAP_CHECK(ringtap_counter_with(&family, &series, "p") == NULL);
    ringtap_counter_add(series, 5);
    ringtap_test_end_call();
    RINGTAP_CHECK(ringtap_test_metric("c_total", "a", "p", NULL) == 5);
}

RINGTAP_TEST(what_no_counter_or_histogram_can_take_is_a_bug) {
    ringtap_counter *falls = counter("c_total");
    RINGTAP_CHECK_PANICS(ringtap_counter_add_float(falls, -1),
                         "a counter can't grow by what is negative or not finite");
    RINGTAP_CHECK_PANICS(ringtap_counter_add_float(falls, INFINITY),
                         "a counter can't grow by what is negative or not finite");
    ringtap_histogram *sizes;
    RINGTAP_CHECK(ringtap_histogram_new(&sizes, "h", "", NULL, 0, NULL, 0) == NULL);
    RINGTAP_CHECK_PANICS(ringtap_histogram_observe(sizes, NAN), "a histogram can't observe NaN");
}
