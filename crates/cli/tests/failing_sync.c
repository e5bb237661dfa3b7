/* Preloaded into the server by a test: every sync fails while the file named in PINFOLD_TEST_SYNC_FAILS exists. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int sync_or_fail(const char *name, int file)
{
	const char *trigger = getenv("PINFOLD_TEST_SYNC_FAILS");
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
	if (trigger && access(trigger, F_OK) == 0) {
		errno = EIO;
		return -1;
	}
	return real(file);
}

int fsync(int file) { return sync_or_fail("fsync", file); }

int fdatasync(int file) { return sync_or_fail("fdatasync", file); }
