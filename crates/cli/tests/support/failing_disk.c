/*
 * Preloaded into the server by a test. While the file named in PINFOLD_TEST_SYNC_FAILS exists, every sync fails: with
 * "no space left" if the file is not empty, else with "input/output error". While the file named in
 * PINFOLD_TEST_DISK_FULL exists, every write to a regular file fails with "no space left".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int sync_or_fail(const char *name, int file)
{
	const char *trigger = getenv("PINFOLD_TEST_SYNC_FAILS");
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
	struct stat found;
	if (trigger && stat(trigger, &found) == 0) {
		errno = found.st_size > 0 ? ENOSPC : EIO;
		return -1;
	}
	return real(file);
}

int fsync(int file) { return sync_or_fail("fsync", file); }

int fdatasync(int file) { return sync_or_fail("fdatasync", file); }

static int is_full(int file)
{
	const char *trigger = getenv("PINFOLD_TEST_DISK_FULL");
	struct stat found;
	return trigger && fstat(file, &found) == 0 && S_ISREG(found.st_mode) && access(trigger, F_OK) == 0;
}

ssize_t write(int file, const void *bytes, size_t count)
{
	ssize_t (*real)(int, const void *, size_t) = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
	if (is_full(file)) {
		errno = ENOSPC;
		return -1;
	}
	return real(file, bytes, count);
}

ssize_t writev(int file, const struct iovec *parts, int count)
{
	ssize_t (*real)(int, const struct iovec *, int) =
		(ssize_t (*)(int, const struct iovec *, int))dlsym(RTLD_NEXT, "writev");
	if (is_full(file)) {
		errno = ENOSPC;
		return -1;
	}
	return real(file, parts, count);
}
