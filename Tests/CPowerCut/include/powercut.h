#ifndef POWERCUT_H
#define POWERCUT_H

#include <stddef.h>
#include <stdint.h>

/* What a disk was asked to do, in order. */
enum powercut_kind { POWERCUT_WRITE, POWERCUT_TRUNCATE, POWERCUT_SYNC, POWERCUT_MARK };

struct powercut_event {
    enum powercut_kind kind;
    /* Which file: 0 the database, 1 its write-ahead log. */
    int file;
    /* Where a write begins; the length that a truncation leaves; a mark's value. */
    int64_t offset;
    size_t count;
    const unsigned char *bytes;
};

/* Makes this VFS the default one of the process, once. It passes everything on to the one before it. */
void powercut_install(void);
/* Begins to record what is written to the database at a path and its write-ahead log; forgets what was recorded before. */
void powercut_begin(const char *path);
void powercut_end(void);
/* Puts a value of the caller's between the events. */
void powercut_mark(int64_t value);
/* From the n-th write, truncation or sync of the recorded files on (the first is 1), so many of them fail with a code of
 * SQLite's and do nothing. 0 for none. */
void powercut_fail(long n, long times, int code);
/* How many writes, truncations and syncs were asked for since the recording began. */
long powercut_operations(void);
size_t powercut_count(void);
struct powercut_event powercut_event_at(size_t index);

#endif
