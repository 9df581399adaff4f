// What clang's C++ asks for without a standard library, under the names that the ABI gives it, and
// the call of what has to run before anything else.
#include <stddef.h>

#ifdef __wasm__

#include "ringtap/memory.h"
#include <stdlib.h>

// On wasm32 `size_t` is `unsigned long`, an `m` in these names.

void *operator_new(size_t size) __asm__("_Znwm");
void *operator_new(size_t size) {
    return ringtap_alloc(size);
}

void *operator_new_array(size_t size) __asm__("_Znam");
void *operator_new_array(size_t size) {
    return ringtap_alloc(size);
}

void operator_delete(void *memory) __asm__("_ZdlPv");
void operator_delete(void *memory) {
    free(memory);
}

void operator_delete_sized(void *memory, size_t size) __asm__("_ZdlPvm");
void operator_delete_sized(void *memory, size_t size) {
    (void)size;
    free(memory);
}

void operator_delete_array(void *memory) __asm__("_ZdaPv");
void operator_delete_array(void *memory) {
    free(memory);
}

void operator_delete_array_sized(void *memory, size_t size) __asm__("_ZdaPvm");
void operator_delete_array_sized(void *memory, size_t size) {
    (void)size;
    free(memory);
}

void __cxa_pure_virtual(void);
void __cxa_pure_virtual(void) {
    ringtap_panic("a pure virtual function was called");
}

/// An instance ends without a word, so nothing is destroyed.
int __cxa_atexit(void (*function)(void *), void *argument, void *library);
int __cxa_atexit(void (*function)(void *), void *argument, void *library) {
    (void)function;
    (void)argument;
    (void)library;
    return 0;
}

/// Constructors of variables. The host has to call this first, once; a component sees to it. They
/// must call no capability.
extern void __wasm_call_ctors(void);
__attribute__((export_name("_initialize"))) void ringtap_initialize(void);
void ringtap_initialize(void) {
    __wasm_call_ctors();
}

#endif
