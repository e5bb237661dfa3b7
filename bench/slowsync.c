/* Preloaded into a server: each fsync and fdatasync takes SLOWSYNC_US microseconds longer, as on a disk whose flush
 * is slow. cc -shared -fPIC -O1 -o slowsync.so bench/slowsync.c -ldl */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

typedef int sync_call(int);

static int slowed(const char *name, int file) {
    sync_call *real = (sync_call *)dlsym(RTLD_NEXT, name);
    const char *extra_us = getenv("SLOWSYNC_US");
    int result = real(file);
    if (extra_us)
        usleep((useconds_t)atoi(extra_us));
    return result;
}

int fsync(int file) { return slowed("fsync", file); }

int fdatasync(int file) { return slowed("fdatasync", file); }
