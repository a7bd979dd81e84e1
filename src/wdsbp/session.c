#include "wdsbp/session.h"

#include <string.h>

#include "base/caller.h"
#include "base/mem.h"
#include "wdsbp/build.h"
#include "wdsbp/parse.h"

/*
 * The low two bits of a handle. Never zero: pointers and Windows' own handles have zeros there; and
 * never both set, as in INVALID_HANDLE_VALUE.
 */
enum kind { KIND_PARSED = 1, KIND_BUILD = 2 };

#define NUMBER_MAX (UINTPTR_MAX >> 2)

struct wdsbp_session {
    struct wdsbp_session *next;
    uintptr_t handle;
    size_t references; /* one for being open, one for every call that is using it */
    enum kind kind;
    struct mutex lock; /* guards `build`; a parsed packet never changes */
    union {
        struct wdsbp_parsed parsed;
        struct wdsbp_build build;
    };
    uint8_t store[];
};

static struct wdsbp_session *session_new(enum kind kind, size_t store_size)
{
    struct wdsbp_session *session = mem_alloc(sizeof(*session) + store_size);

    if (session == NULL)
        return NULL;
    session->references = 1;
    session->kind = kind;
    mutex_init(&session->lock);
    return session;
}

static void session_free(struct wdsbp_session *session)
{
    mutex_destroy(&session->lock);
    mem_free(session);
}

/* The link that leads to the session, or to NULL. Caller holds sessions->lock. */
static struct wdsbp_session **find_link(struct wdsbp_sessions *sessions, uintptr_t handle)
{
    struct wdsbp_session **link = &sessions->first;

    while (*link != NULL && (*link)->handle != handle)
        link = &(*link)->next;
    return link;
}

/* Numbers go up, so a closed one is not met again until all have been used once. */
static uintptr_t next_handle(struct wdsbp_sessions *sessions, enum kind kind)
{
    uintptr_t number = sessions->last_number;
    uintptr_t handle;

    do {
        number = number < NUMBER_MAX ? number + 1 : 0;
        handle = scramble_hide(&sessions->numbers, number) << 2 | (uintptr_t)kind;
    } while (*find_link(sessions, handle) != NULL);
    sessions->last_number = number;
    return handle;
}

static uintptr_t session_open(struct wdsbp_sessions *sessions, struct wdsbp_session *session)
{
    uintptr_t handle;

    mutex_lock(&sessions->lock);
    handle = next_handle(sessions, session->kind);
    session->handle = handle;
    session->next = sessions->first;
    sessions->first = session;
    mutex_unlock(&sessions->lock);
    return handle;
}

/* Keeps a session from being freed until session_unpin. NULL: not open, or of another kind. */
static struct wdsbp_session *session_pin(struct wdsbp_sessions *sessions, uintptr_t handle,
                                         enum kind kind)
{
    struct wdsbp_session *session;

    if ((handle & 3) != (uintptr_t)kind)
        return NULL;
    mutex_lock(&sessions->lock);
    session = *find_link(sessions, handle);
    if (session != NULL)
        session->references++;
    mutex_unlock(&sessions->lock);
    return session;
}

static void session_unpin(struct wdsbp_sessions *sessions, struct wdsbp_session *session)
{
    bool is_last;

    mutex_lock(&sessions->lock);
    is_last = --session->references == 0;
    mutex_unlock(&sessions->lock);
    if (is_last)
        session_free(session);
}

static bool session_is_open(struct wdsbp_sessions *sessions, uintptr_t handle, enum kind kind)
{
    struct wdsbp_session *session = session_pin(sessions, handle, kind);

    if (session != NULL)
        session_unpin(sessions, session);
    return session != NULL;
}

/* `packet` is a copy: while it is read, it stays as it is. */
static pxe_status session_parse(struct wdsbp_session **out_session, enum wdsbp_family family,
                                const uint8_t *packet, size_t length)
{
    struct wdsbp_session *session = session_new(KIND_PARSED, length);

    if (session == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    pxe_status status = family == FAMILY_DHCP6
                            ? wdsbp_parse6(packet, length, session->store, &session->parsed)
                            : wdsbp_parse4(packet, length, session->store, &session->parsed);
    if (status == PXE_OK)
        *out_session = session;
    else
        session_free(session);
    return status;
}

pxe_status wdsbp_session_parse(struct wdsbp_sessions *sessions, enum wdsbp_family family,
                               const uint8_t *packet, size_t length, uint8_t *out_packet_types,
                               uintptr_t *out_handle)
{
    struct wdsbp_session *session;
    struct caller_copy own;

    if (length > PARSE_PACKET_MAX)
        return PXE_INVALID_DATA;
    if (!caller_copy_take(&own, packet, length))
        return PXE_NOT_ENOUGH_MEMORY;
    pxe_status status = session_parse(&session, family, own.bytes, length);
    caller_copy_release(&own);
    if (status != PXE_OK)
        return status;
    *out_packet_types = session->parsed.packet_types;
    *out_handle = session_open(sessions, session);
    return PXE_OK;
}

pxe_status wdsbp_session_build(struct wdsbp_sessions *sessions, uint8_t packet_types,
                               uintptr_t *out_handle)
{
    size_t store_size = wdsbp_build_store_size(packet_types);
    struct wdsbp_session *session;

    if (store_size == 0)
        return PXE_INVALID_PARAMETER;
    session = session_new(KIND_BUILD, store_size);
    if (session == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    wdsbp_build_start(&session->build, packet_types, session->store);
    *out_handle = session_open(sessions, session);
    return PXE_OK;
}

pxe_status wdsbp_session_close(struct wdsbp_sessions *sessions, uintptr_t handle)
{
    struct wdsbp_session **link;
    struct wdsbp_session *session;

    mutex_lock(&sessions->lock);
    link = find_link(sessions, handle);
    session = *link;
    if (session != NULL)
        *link = session->next;
    mutex_unlock(&sessions->lock);
    if (session == NULL)
        return PXE_INVALID_HANDLE;
    session_unpin(sessions, session);
    return PXE_OK;
}

/* ---- reading out: into memory of our own, while the session is pinned ---- */

struct reading {
    struct wdsbp_sessions *sessions;
    uintptr_t handle;
    enum kind kind;
    uint32_t name; /* KIND_PARSED */
};

static pxe_status reading_do(const struct reading *reading, uint8_t *own, size_t capacity,
                             size_t *out_length)
{
    struct wdsbp_session *session = session_pin(reading->sessions, reading->handle, reading->kind);
    pxe_status status;

    if (session == NULL)
        return PXE_INVALID_HANDLE;
    if (reading->kind == KIND_PARSED) {
        status = wdsbp_parsed_query(&session->parsed, reading->name, own, capacity, out_length);
    } else {
        mutex_lock(&session->lock);
        status = wdsbp_build_get(&session->build, own, capacity, out_length);
        mutex_unlock(&session->lock);
    }
    session_unpin(reading->sessions, session);
    return status;
}

/* Asks for the size, then for as much; anew, should there be more of it then. */
static pxe_status reading_out(const struct reading *reading, uint8_t *buffer, size_t capacity,
                              size_t *out_length)
{
    struct caller_copy own;
    size_t length = 0;
    pxe_status status = reading_do(reading, NULL, 0, &length);

    while (status == PXE_INSUFFICIENT_BUFFER && length <= capacity) {
        const size_t room = length;
        caller_touch(buffer, room);
        if (!caller_copy_make(&own, room))
            return PXE_NOT_ENOUGH_MEMORY;
        status = reading_do(reading, own.bytes, room, &length);
        if (status == PXE_OK)
            memcpy(buffer, own.bytes, length);
        caller_copy_release(&own);
    }
    if (status != PXE_INVALID_HANDLE && status != PXE_INVALID_PARAMETER)
        *out_length = length;
    return status;
}

pxe_status wdsbp_session_query(struct wdsbp_sessions *sessions, uintptr_t handle, uint32_t name,
                               uint8_t *buffer, size_t capacity, size_t *out_length)
{
    const struct reading reading = {sessions, handle, KIND_PARSED, name};

    if (buffer == NULL && capacity > 0)
        return session_is_open(sessions, handle, KIND_PARSED) ? PXE_INVALID_PARAMETER
                                                              : PXE_INVALID_HANDLE;
    return reading_out(&reading, buffer, capacity, out_length);
}

pxe_status wdsbp_session_get(struct wdsbp_sessions *sessions, uintptr_t handle, uint8_t *buffer,
                             size_t capacity, size_t *out_length)
{
    const struct reading reading = {sessions, handle, KIND_BUILD, 0};

    return reading_out(&reading, buffer, capacity, out_length);
}

/* ---- adding ---- */

/* Whether the value is worth looking at; it is not looked at here. */
static pxe_status session_takes(struct wdsbp_sessions *sessions, uintptr_t handle, uint32_t name,
                                bool has_value, size_t length)
{
    struct wdsbp_session *session = session_pin(sessions, handle, KIND_BUILD);

    if (session == NULL)
        return PXE_INVALID_HANDLE;
    /* What is asked about does not change while it is open. */
    pxe_status status = wdsbp_build_takes(&session->build, name, has_value, length);
    session_unpin(sessions, session);
    return status;
}

static pxe_status session_add(struct wdsbp_sessions *sessions, uintptr_t handle, uint32_t name,
                              const struct caller_copy *value)
{
    struct wdsbp_session *session = session_pin(sessions, handle, KIND_BUILD);

    if (session == NULL)
        return PXE_INVALID_HANDLE;
    mutex_lock(&session->lock);
    pxe_status status = wdsbp_build_add(&session->build, name, value->bytes, value->length);
    mutex_unlock(&session->lock);
    session_unpin(sessions, session);
    return status;
}

pxe_status wdsbp_session_add(struct wdsbp_sessions *sessions, uintptr_t handle, uint32_t name,
                             const uint8_t *value, size_t length)
{
    struct caller_copy own;
    pxe_status status = session_takes(sessions, handle, name, value != NULL, length);

    if (status != PXE_OK)
        return status;
    if (!caller_copy_take(&own, value, length))
        return PXE_NOT_ENOUGH_MEMORY;
    status = session_add(sessions, handle, name, &own);
    caller_copy_release(&own);
    return status;
}
