// Runs each test in a process of its own.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../src/call.h"
#include "ringtap/testing.h"

static struct {
    const char *name;
    void (*test)(void);
} tests[256];
static size_t count;

void ringtap_test_add(const char *name, void (*test)(void)) {
    if (count == 256) {
        fprintf(stderr, "there are too many tests\n");
        exit(1);
    }
    tests[count].name = name;
    tests[count++].test = test;
}

static int panic_pipe[2];
static pid_t panicking;

static void told(const char *why) {
    if (write(panic_pipe[1], why, strlen(why)) < 0) {
        perror("write");
    }
}

/// True in a child of its own, which is to panic.
bool ringtap_test_begin_panic(void) {
    if (pipe(panic_pipe) != 0) {
        perror("pipe");
        exit(1);
    }
    panicking = fork();
    if (panicking == 0) {
        ringtap_panics_to = told;
        // The trap is what is asked for: nobody wants to see it reported.
        signal(SIGILL, SIG_DFL);
        signal(SIGTRAP, SIG_DFL);
        return true;
    }
    return false;
}

/// What the child panicked with; NULL if it did not.
const char *ringtap_test_end_panic(void) {
    static char words[1024];
    close(panic_pipe[1]);
    ssize_t len = read(panic_pipe[0], words, sizeof words - 1);
    close(panic_pipe[0]);
    words[len < 0 ? 0 : len] = '\0';
    int status;
    waitpid(panicking, &status, 0);
    return WIFSIGNALED(status) ? words : NULL;
}

static bool passes(size_t number) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        tests[number].test();
        exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv) {
    size_t run = 0;
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        if (argc > 1 && strstr(tests[i].name, argv[1]) == NULL) {
            continue;
        }
        bool is_ok = passes(i);
        printf("test %s ... %s\n", tests[i].name, is_ok ? "ok" : "FAILED");
        run++;
        failed += !is_ok;
    }
    printf("%zu tests, %zu failed\n", run, failed);
    return failed > 0 || run == 0;
}
