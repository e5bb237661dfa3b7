/* Writes down every change that a process makes below one directory, in order, for tests that rebuild what a power
 * cut could have left. Loaded with LD_PRELOAD; PINFOLD_RECORD_ROOT names the directory, PINFOLD_RECORD_LOG the log.
 *
 * Each record is a head (kind, inode, offset, two lengths) and two byte strings; see events.rs. Operations below the
 * directory are done under one lock, so their order in the log is their order on the disk. What the log cannot
 * express ends the process. Renames and removals of temporary files may be done by system calls that pass no library
 * function, so their names are looked after before each record. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define TEMPORARY_MAX 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static size_t root_length;
static int log_fd = -1;
static struct { char path[PATH_MAX]; ino_t inode; } temporary[TEMPORARY_MAX];

static void give_up(const char *what, const char *path) {
    dprintf(2, "recorder: cannot record %s of %s\n", what, path);
    abort();
}

__attribute__((constructor)) static void start(void) {
    const char *log = getenv("PINFOLD_RECORD_LOG"), *directory = getenv("PINFOLD_RECORD_ROOT");
    if (!log || !directory || !realpath(directory, root)) return;
    root_length = strlen(root);
    log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (log_fd < 0) give_up("the log", log);
}

static int is_recorded(const char *path) {
    return log_fd >= 0 && !strncmp(path, root, root_length) && (path[root_length] == '/' || !path[root_length]);
}

/* The absolute path of a file given as the *at functions take it; whether it is below the directory. */
static int resolve(int directory, const char *path, char *full) {
    char base[PATH_MAX] = "", link[64];
    if (log_fd < 0) return 0;
    if (path[0] != '/') {
        snprintf(link, sizeof link, directory == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", directory);
        if (readlink(link, base, sizeof base - 1) < 0) return 0;
        strcat(base, "/");
    }
    if (snprintf(full, PATH_MAX, "%s%s", base, path) >= PATH_MAX) give_up("a long name", path);
    return is_recorded(full);
}

static int resolve_fd(int fd, char *full) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    memset(full, 0, PATH_MAX);
    return log_fd >= 0 && readlink(link, full, PATH_MAX - 1) > 0 && is_recorded(full);
}

static void record(char kind, uint64_t inode, uint64_t offset, const void *a, size_t a_bytes, const void *b, size_t b_bytes) {
    struct __attribute__((packed)) { char kind; uint64_t inode, offset; uint32_t a_bytes, b_bytes; } head =
        { kind, inode, offset, (uint32_t)a_bytes, (uint32_t)b_bytes };
    struct iovec parts[3] = { { &head, sizeof head }, { (void *)a, a_bytes }, { (void *)b, b_bytes } };
    if (syscall(SYS_writev, log_fd, parts, 3) != (ssize_t)(sizeof head + a_bytes + b_bytes)) give_up("to the log", root);
}

static void record_path(char kind, uint64_t inode, uint64_t offset, const char *path) {
    record(kind, inode, offset, path, strlen(path), NULL, 0);
}

static ino_t inode_of(int fd) {
    struct stat info;
    return fstat(fd, &info) ? 0 : info.st_ino;
}

/* Where a file with this inode is now in the directory of `path`, written over `path`. */
static int find_inode(char *path, ino_t inode) {
    struct dirent *entry = NULL;
    char *name = strrchr(path, '/') + 1;
    *name = 0;
    DIR *directory = opendir(path);
    while (directory && (entry = readdir(directory)) && entry->d_ino != inode) {}
    if (entry) strcpy(name, entry->d_name);
    if (directory) closedir(directory);
    return entry != NULL;
}

static void look_after_temporary_files(void) {
    for (int i = 0; i < TEMPORARY_MAX; i++) {
        char path[PATH_MAX];
        if (!temporary[i].inode || !access(temporary[i].path, F_OK)) continue;
        strcpy(path, temporary[i].path);
        if (find_inode(path, temporary[i].inode))
            record('R', 0, 0, temporary[i].path, strlen(temporary[i].path), path, strlen(path));
        else
            record_path('U', 0, 0, temporary[i].path);
        temporary[i].inode = 0;
    }
}

static void remember_temporary_file(const char *path, ino_t inode) {
    int i = 0;
    while (i < TEMPORARY_MAX && temporary[i].inode) i++;
    if (i == TEMPORARY_MAX) give_up("one more temporary file", path);
    strcpy(temporary[i].path, path);
    temporary[i].inode = inode;
}

static void begin(void) {
    pthread_mutex_lock(&lock);
    look_after_temporary_files();
}

static long end(long result) {
    int error = errno;
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

static int do_open(int directory, const char *path, int flags, mode_t mode) {
    char full[PATH_MAX];
    if ((flags & O_ACCMODE) == O_RDONLY || !resolve(directory, path, full))
        return (int)syscall(SYS_openat, directory, path, flags, mode);
    if ((flags & O_TMPFILE) == O_TMPFILE) give_up("O_TMPFILE", full);
    begin();
    int existed = !access(full, F_OK);
    int fd = (int)syscall(SYS_openat, directory, path, flags, mode);
    if (fd >= 0) {
        record_path(existed ? 'O' : 'C', inode_of(fd), existed && (flags & O_TRUNC), full);
        if (!existed && !strncmp(strrchr(full, '/'), "/.tmp", 5)) remember_temporary_file(full, inode_of(fd));
    }
    return (int)end(fd);
}

#define OPEN(name, head, directory) \
    int name(head const char *path, int flags, ...) { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        return do_open(directory, path, flags, mode); \
    }
#define COMMA ,
OPEN(open, , AT_FDCWD)
OPEN(open64, , AT_FDCWD)
OPEN(openat, int directory COMMA, directory)
OPEN(openat64, int directory COMMA, directory)
int creat(const char *path, mode_t mode) { return do_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

static off_t place(int fd) {
    struct stat info;
    if (!(fcntl(fd, F_GETFL) & O_APPEND)) return lseek(fd, 0, SEEK_CUR);
    return fstat(fd, &info) ? -1 : info.st_size;
}

ssize_t write(int fd, const void *data, size_t bytes) {
    char full[PATH_MAX];
    if (!resolve_fd(fd, full)) return syscall(SYS_write, fd, data, bytes);
    begin();
    off_t offset = place(fd);
    ssize_t done = syscall(SYS_write, fd, data, bytes);
    if (done > 0) record('W', inode_of(fd), (uint64_t)offset, data, (size_t)done, NULL, 0);
    return end(done);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    char full[PATH_MAX];
    if (!resolve_fd(fd, full)) return syscall(SYS_writev, fd, parts, count);
    for (int i = 0; i < count; i++) /* A short write is allowed: the caller goes on. */
        if (parts[i].iov_len) return write(fd, parts[i].iov_base, parts[i].iov_len);
    return 0;
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset) {
    char full[PATH_MAX];
    if (!resolve_fd(fd, full)) return syscall(SYS_pwrite64, fd, data, bytes, offset);
    begin();
    ssize_t done = syscall(SYS_pwrite64, fd, data, bytes, offset);
    if (done > 0) record('W', inode_of(fd), (uint64_t)offset, data, (size_t)done, NULL, 0);
    return end(done);
}
ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t offset) { return pwrite(fd, data, bytes, offset); }

int ftruncate(int fd, off_t length) {
    char full[PATH_MAX];
    if (!resolve_fd(fd, full)) return (int)syscall(SYS_ftruncate, fd, length);
    begin();
    int result = (int)syscall(SYS_ftruncate, fd, length);
    if (!result) record_path('T', inode_of(fd), (uint64_t)length, full);
    return (int)end(result);
}
int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

static int do_sync(int fd, long call) {
    char full[PATH_MAX];
    struct stat info;
    if (!resolve_fd(fd, full)) return (int)syscall(call, fd);
    begin();
    int result = (int)syscall(call, fd);
    if (!result && !fstat(fd, &info))
        record_path(S_ISDIR(info.st_mode) ? 'D' : 'S', info.st_ino, call == SYS_fdatasync, full);
    return (int)end(result);
}
int fsync(int fd) { return do_sync(fd, SYS_fsync); }
int fdatasync(int fd) { return do_sync(fd, SYS_fdatasync); }

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
    char full[PATH_MAX], target[PATH_MAX];
    int recorded = resolve(from_directory, from, full);
    if (resolve(to_directory, to, target) != recorded || (recorded && flags)) give_up("the renaming", from);
    if (!recorded) return (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
    begin();
    int result = (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
    if (!result) record('R', 0, 0, full, strlen(full), target, strlen(target));
    return (int)end(result);
}
int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    return renameat2(from_directory, from, to_directory, to, 0);
}
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int directory, const char *path, int flags) {
    char full[PATH_MAX];
    if (!resolve(directory, path, full)) return (int)syscall(SYS_unlinkat, directory, path, flags);
    begin();
    int result = (int)syscall(SYS_unlinkat, directory, path, flags);
    if (!result) record_path('U', 0, 0, full);
    return (int)end(result);
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int directory, const char *path, mode_t mode) {
    char full[PATH_MAX];
    if (!resolve(directory, path, full)) return (int)syscall(SYS_mkdirat, directory, path, mode);
    begin();
    int result = (int)syscall(SYS_mkdirat, directory, path, mode);
    if (!result) record_path('M', 0, 0, full);
    return (int)end(result);
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* Callers of these have another way, which is recorded. */
#define REFUSE(result, name, ...) result name(__VA_ARGS__) { errno = ENOSYS; return -1; }
REFUSE(ssize_t, copy_file_range, int from, off64_t *from_offset, int to, off64_t *to_offset, size_t bytes, unsigned flags)
REFUSE(ssize_t, sendfile, int to, int from, off_t *offset, size_t bytes)
REFUSE(ssize_t, sendfile64, int to, int from, off64_t *offset, size_t bytes)
REFUSE(int, linkat, int from_directory, const char *from, int to_directory, const char *to, int flags)
REFUSE(int, fallocate, int fd, int mode, off_t offset, off_t bytes)
REFUSE(int, fallocate64, int fd, int mode, off64_t offset, off64_t bytes)
