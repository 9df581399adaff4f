// The cases are those of every SDK.
#include "ringtap/testing.h"

#define CASES "../../tests/conformance/config.tsv"

static const char *read_config(ringtap_text text) {
    ringtap_config config;
    ringtap_config_read(&config, text);
    uint64_t n = ringtap_config_integer(&config, "n", 7, 1, 100);
    bool b = ringtap_config_truth(&config, "b", false);
    ringtap_text s = ringtap_config_text(&config, "s", "def");
    uint64_t z = ringtap_config_seconds(&config, "z", 3, 1, 60);
    ringtap_error error = ringtap_config_finish(&config);
    if (error != NULL) {
        return error;
    }
    char n_text[RINGTAP_NUMBER_TEXT];
    char z_text[RINGTAP_NUMBER_TEXT];
    return ringtap_concat("n=", ringtap_u64_text(n, n_text), " b=", b ? "true" : "false",
                          " s=", ringtap_quoted(s),
                          " z=", ringtap_u64_text(z / 1000000000, z_text));
}

/// `\N`, `\R`, `\T` and `\Z` stand for a newline, a carriage return, a tab and a NUL.
static size_t unescape(char *line) {
    size_t len = 0;
    for (const char *at = line; *at != '\0'; at++) {
        const char *which = at[0] == '\\' && at[1] != '\0' ? strchr("NRTZ", at[1]) : NULL;
        line[len++] = which == NULL ? *at : "\n\r\t\0"[which - strchr("NRTZ", 'N')];
        at += which != NULL;
    }
    return len;
}

RINGTAP_TEST(every_case_reads_as_in_the_other_languages) {
    FILE *cases = fopen(CASES, "r");
    RINGTAP_CHECK(cases != NULL);
    char line[1024];
    size_t count = 0;
    while (fgets(line, sizeof line, cases) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *expected = strchr(line, '\t');
        RINGTAP_CHECK(expected != NULL);
        *expected++ = '\0';
        char text[1024];
        strcpy(text, line);
        size_t len = unescape(text);
        const char *found = read_config((ringtap_text){text, len});
        if (strcmp(found, expected) != 0) {
            fprintf(stderr, "%s\n  reads  %s\n  and not %s\n", line, found, expected);
            exit(1);
        }
        count++;
        ringtap_test_end_call();
    }
    RINGTAP_CHECK(count > 150);
    fclose(cases);
}

RINGTAP_TEST(there_is_a_limit_of_keys) {
    static char text[8192];
    size_t len = 0;
    for (int i = 0; i < 257; i++) {
        len += (size_t)sprintf(text + len, "k%d = 1\n", i);
    }
    RINGTAP_CHECK_TEXT(read_config((ringtap_text){text, len}),
                       "the config is not TOML, line 257: there are too many keys");
}

RINGTAP_TEST(depth_is_no_danger) {
    static char text[200008] = "n = ";
    memset(text + 4, '[', 100000);
    memset(text + 100004, ']', 100000);
    RINGTAP_CHECK_TEXT(read_config((ringtap_text){text, 200004}),
                       "config key `n`: an array or table won't do, it must be a whole number from "
                       "1 to 100");
}

RINGTAP_TEST(no_text_makes_the_reader_read_beyond_it) {
    // Every beginning of every case, in memory of just that size.
    FILE *cases = fopen(CASES, "r");
    RINGTAP_CHECK(cases != NULL);
    char line[1024];
    while (fgets(line, sizeof line, cases) != NULL) {
        size_t len = unescape(line);
        for (size_t cut = 0; cut <= len; cut++) {
            char *text = malloc(cut);
            memcpy(text, line, cut);
            read_config((ringtap_text){text, cut});
            free(text);
            ringtap_test_end_call();
        }
    }
    fclose(cases);
}
