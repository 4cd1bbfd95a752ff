/* A VFS of SQLite's that writes down every write, truncation and sync of one database, and passes them on.
 *
 * The shared memory of the write-ahead log is not recorded: a power cut loses it, and SQLite makes it anew. Memory-mapped reads
 * are not offered for the recorded files. */
#include "powercut.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static sqlite3_vfs *below;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char recorded[1024];
static struct powercut_event *events;
static size_t count, room;

/* A file of ours; the one below lies right behind it. */
struct file {
    sqlite3_file head;
    int number;
};

static sqlite3_file *inner(sqlite3_file *file) { return (sqlite3_file *)((struct file *)file + 1); }

static void add(enum powercut_kind kind, int number, int64_t offset, const void *bytes, size_t length) {
    pthread_mutex_lock(&lock);
    if (recorded[0] != 0) {
        if (count == room) {
            room = room == 0 ? 4096 : room * 2;
            events = realloc(events, room * sizeof *events);
        }
        unsigned char *copy = NULL;
        if (length > 0) {
            copy = malloc(length);
            memcpy(copy, bytes, length);
        }
        events[count++] = (struct powercut_event){kind, number, offset, length, copy};
    }
    pthread_mutex_unlock(&lock);
}

static long operations, failing, failures;
static int failure;

/* Whether this operation is to fail. */
static int fails(void) {
    pthread_mutex_lock(&lock);
    int code = SQLITE_OK;
    if (recorded[0] != 0) {
        operations++;
        if (failing > 0 && operations >= failing && operations < failing + failures) code = failure;
    }
    pthread_mutex_unlock(&lock);
    return code;
}

void powercut_fail(long n, long times, int code) {
    pthread_mutex_lock(&lock);
    failing = n;
    failures = times;
    failure = code;
    pthread_mutex_unlock(&lock);
}

long powercut_operations(void) { return operations; }

static int recorded_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 offset) {
    int code = fails();
    if (code != SQLITE_OK) return code;
    code = inner(file)->pMethods->xWrite(inner(file), bytes, length, offset);
    if (code == SQLITE_OK) add(POWERCUT_WRITE, ((struct file *)file)->number, offset, bytes, (size_t)length);
    return code;
}

static int recorded_truncate(sqlite3_file *file, sqlite3_int64 length) {
    int code = fails();
    if (code != SQLITE_OK) return code;
    code = inner(file)->pMethods->xTruncate(inner(file), length);
    if (code == SQLITE_OK) add(POWERCUT_TRUNCATE, ((struct file *)file)->number, length, NULL, 0);
    return code;
}

static int recorded_sync(sqlite3_file *file, int flags) {
    int code = fails();
    if (code != SQLITE_OK) return code;
    code = inner(file)->pMethods->xSync(inner(file), flags);
    if (code == SQLITE_OK) add(POWERCUT_SYNC, ((struct file *)file)->number, 0, NULL, 0);
    return code;
}

#define PASS(name, parameters, arguments) \
    static int name parameters { return inner(file)->pMethods->name arguments; }
PASS(xClose, (sqlite3_file *file), (inner(file)))
PASS(xRead, (sqlite3_file *file, void *bytes, int length, sqlite3_int64 offset), (inner(file), bytes, length, offset))
PASS(xFileSize, (sqlite3_file *file, sqlite3_int64 *size), (inner(file), size))
PASS(xLock, (sqlite3_file *file, int level), (inner(file), level))
PASS(xUnlock, (sqlite3_file *file, int level), (inner(file), level))
PASS(xCheckReservedLock, (sqlite3_file *file, int *result), (inner(file), result))
PASS(xFileControl, (sqlite3_file *file, int operation, void *argument), (inner(file), operation, argument))
PASS(xSectorSize, (sqlite3_file *file), (inner(file)))
PASS(xDeviceCharacteristics, (sqlite3_file *file), (inner(file)))
PASS(xShmMap, (sqlite3_file *file, int page, int size, int extend, void volatile **map), (inner(file), page, size, extend, map))
PASS(xShmLock, (sqlite3_file *file, int offset, int n, int flags), (inner(file), offset, n, flags))
PASS(xShmUnmap, (sqlite3_file *file, int remove), (inner(file), remove))
static void xShmBarrier(sqlite3_file *file) { inner(file)->pMethods->xShmBarrier(inner(file)); }

static const sqlite3_io_methods methods = {
    2,         xClose,     xRead,   recorded_write, recorded_truncate, recorded_sync,           xFileSize, xLock,
    xUnlock,   xCheckReservedLock, xFileControl, xSectorSize, xDeviceCharacteristics, xShmMap, xShmLock, xShmBarrier,
    xShmUnmap, NULL,       NULL};

/* Which of the recorded files a name is; -1 for any other. */
static int number_of(const char *name) {
    if (name == NULL) return -1;
    pthread_mutex_lock(&lock);
    size_t length = strlen(recorded);
    int number = -1;
    if (length > 0 && strncmp(name, recorded, length) == 0) {
        if (name[length] == 0) number = 0;
        if (strcmp(name + length, "-wal") == 0) number = 1;
    }
    pthread_mutex_unlock(&lock);
    return number;
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    int number = number_of(name);
    if (number < 0) return below->xOpen(below, name, file, flags, out);
    struct file *ours = (struct file *)file;
    ours->number = number;
    int code = below->xOpen(below, name, inner(file), flags, out);
    ours->head.pMethods = inner(file)->pMethods == NULL ? NULL : &methods;
    return code;
}

void powercut_install(void) {
    static sqlite3_vfs ours;
    pthread_mutex_lock(&lock);
    if (below == NULL) {
        below = sqlite3_vfs_find(NULL);
        ours = *below;
        ours.zName = "powercut";
        ours.pNext = NULL;
        ours.szOsFile = below->szOsFile + (int)sizeof(struct file);
        ours.xOpen = open_file;
        sqlite3_vfs_register(&ours, 1);
    }
    pthread_mutex_unlock(&lock);
}

void powercut_begin(const char *path) {
    powercut_end();
    pthread_mutex_lock(&lock);
    for (size_t index = 0; index < count; index++) free((void *)events[index].bytes);
    count = 0;
    operations = 0;
    failing = 0;
    strncpy(recorded, path, sizeof recorded - 1);
    pthread_mutex_unlock(&lock);
}

void powercut_end(void) {
    pthread_mutex_lock(&lock);
    recorded[0] = 0;
    pthread_mutex_unlock(&lock);
}

void powercut_mark(int64_t value) { add(POWERCUT_MARK, -1, value, NULL, 0); }

size_t powercut_count(void) { return count; }

struct powercut_event powercut_event_at(size_t index) { return events[index]; }
