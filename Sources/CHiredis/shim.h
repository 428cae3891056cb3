#ifndef CANO_CHIREDIS_SHIM_H
#define CANO_CHIREDIS_SHIM_H

#include <stddef.h>
#include <stdlib.h>

#include <hiredis/hiredis.h>
#include <hiredis/read.h>

/*
 * What the reader reports, with one signature for every hiredis release.
 * `context` is the pointer handed to `cano_reader_create`.
 * `type` of a string is REDIS_REPLY_STRING, REDIS_REPLY_STATUS or REDIS_REPLY_ERROR.
 */
typedef struct cano_reply_callbacks {
    void (*string)(void *context, int type, const char *bytes, size_t count);
    void (*array)(void *context, size_t count);
    void (*integer)(void *context, long long value);
    void (*nil)(void *context);
} cano_reply_callbacks;

typedef struct cano_reader_context {
    void *context;
    const cano_reply_callbacks *callbacks;
} cano_reader_context;

/* hiredis takes a null object for "out of memory", so each callback answers this address. */
static inline void *cano_reply_marker(void) {
    static char marker;
    return &marker;
}

static inline void *cano_reply_string(const redisReadTask *task, char *bytes, size_t count) {
    const cano_reader_context *box = (const cano_reader_context *)task->privdata;
    box->callbacks->string(box->context, task->type, bytes, count);
    return cano_reply_marker();
}

/* 0.14 counts elements with int, 1.0 and later with size_t. */
#if HIREDIS_MAJOR >= 1
static inline void *cano_reply_array(const redisReadTask *task, size_t count) {
#else
static inline void *cano_reply_array(const redisReadTask *task, int count) {
#endif
    const cano_reader_context *box = (const cano_reader_context *)task->privdata;
    box->callbacks->array(box->context, (size_t)count);
    return cano_reply_marker();
}

static inline void *cano_reply_integer(const redisReadTask *task, long long value) {
    const cano_reader_context *box = (const cano_reader_context *)task->privdata;
    box->callbacks->integer(box->context, value);
    return cano_reply_marker();
}

static inline void *cano_reply_nil(const redisReadTask *task) {
    const cano_reader_context *box = (const cano_reader_context *)task->privdata;
    box->callbacks->nil(box->context);
    return cano_reply_marker();
}

#if HIREDIS_MAJOR >= 1
/* RESP3 only; RESP2 servers never send them. They arrive as what RESP2 would have sent. */
static inline void *cano_reply_double(const redisReadTask *task, double value, char *bytes, size_t count) {
    (void)value;
    const cano_reader_context *box = (const cano_reader_context *)task->privdata;
    box->callbacks->string(box->context, REDIS_REPLY_STRING, bytes, count);
    return cano_reply_marker();
}

static inline void *cano_reply_bool(const redisReadTask *task, int value) {
    const cano_reader_context *box = (const cano_reader_context *)task->privdata;
    box->callbacks->integer(box->context, value);
    return cano_reply_marker();
}
#endif

static inline void cano_reply_free(void *object) { (void)object; }

/* The table is constant and static: it outlives every reader and no thread writes it. */
static inline redisReplyObjectFunctions *cano_reply_functions(void) {
    static redisReplyObjectFunctions functions = {
        .createString = cano_reply_string,
        .createArray = cano_reply_array,
        .createInteger = cano_reply_integer,
        .createNil = cano_reply_nil,
#if HIREDIS_MAJOR >= 1
        .createDouble = cano_reply_double,
        .createBool = cano_reply_bool,
#endif
        .freeObject = cano_reply_free,
    };
    return &functions;
}

/* One allocation more than a bare reader: the box that ties a reader to its callbacks. NULL: out of memory. */
static inline redisReader *cano_reader_create(void *context, const cano_reply_callbacks *callbacks) {
    cano_reader_context *box = (cano_reader_context *)malloc(sizeof *box);
    if (box == NULL) return NULL;
    redisReader *reader = redisReaderCreateWithFunctions(cano_reply_functions());
    if (reader == NULL) {
        free(box);
        return NULL;
    }
    box->context = context;
    box->callbacks = callbacks;
    reader->privdata = box;
    return reader;
}

static inline void cano_reader_free(redisReader *reader) {
    void *box = reader->privdata;
    redisReaderFree(reader);
    free(box);
}

/* `errstr` is an array, which Swift would import as a tuple of 128 elements. */
static inline const char *cano_reader_error(const redisReader *reader) { return reader->errstr; }

#endif
