// Tells ThreadSanitizer about the locks of Swift's Synchronization module on Linux.
//
// A Mutex that no thread waits for is taken and given back by atomics that the compiler instruments like any other. One that a thread
// waits for goes through these three functions of libswiftSynchronization, which is not instrumented: ThreadSanitizer then misses
// that what happened before the unlock happened before the lock, and reports every contended Mutex as a race.
//
// Preloaded, these stand in front of the library's, call them and add just that. They hide nothing: no report is suppressed.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// How Swift calls a method: `self` has a register of its own.
#define METHOD __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

// Weak, because the programs that start the tests are preloaded too and are not sanitized.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

METHOD void lock_slow(uint32_t thread, SELF void *mutex) __asm__(LOCK);
METHOD bool try_lock_slow(SELF void *mutex) __asm__(TRY_LOCK);
METHOD void unlock_slow(SELF void *mutex) __asm__(UNLOCK);

METHOD void lock_slow(uint32_t thread, SELF void *mutex) {
    METHOD void (*lock)(uint32_t, SELF void *) = dlsym(RTLD_NEXT, LOCK);
    lock(thread, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

METHOD bool try_lock_slow(SELF void *mutex) {
    METHOD bool (*try_lock)(SELF void *) = dlsym(RTLD_NEXT, TRY_LOCK);
    bool locked = try_lock(mutex);
    if (locked && __tsan_acquire) __tsan_acquire(mutex);
    return locked;
}

METHOD void unlock_slow(SELF void *mutex) {
    METHOD void (*unlock)(SELF void *) = dlsym(RTLD_NEXT, UNLOCK);
    if (__tsan_release) __tsan_release(mutex);
    unlock(mutex);
}
