#include "wdsbp/session.h"

#include "base/mem.h"
#include "wdsbp/build.h"
#include "wdsbp/parse.h"

/*
 * The low two bits of a handle. Never zero: pointers and Windows' own handles have zeros there; and
 * never both set, as in INVALID_HANDLE_VALUE.
 */
enum kind { KIND_PARSED = 1, KIND_BUILD = 2 };

/* Numbers start in the middle, away from pointers and from the small numbers of other tables. */
#define NUMBER_MAX (UINTPTR_MAX >> 2)
#define NUMBER_FIRST (NUMBER_MAX / 3)

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

/* The link that leads to the session, or to NULL. Called with the list locked. */
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
        number = number != 0 && number < NUMBER_MAX ? number + 1 : NUMBER_FIRST;
        handle = number << 2 | (uintptr_t)kind;
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

pxe_status wdsbp_session_parse(struct wdsbp_sessions *sessions, enum wdsbp_family family,
                               const uint8_t *packet, size_t length, uint8_t *out_packet_types,
                               uintptr_t *out_handle)
{
    struct wdsbp_session *session;
    pxe_status status;

    if (length > PARSE_PACKET_MAX)
        return PXE_INVALID_DATA;
    session = session_new(KIND_PARSED, length);
    if (session == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    status = family == FAMILY_DHCP6
                 ? wdsbp_parse6(packet, length, session->store, &session->parsed)
                 : wdsbp_parse4(packet, length, session->store, &session->parsed);
    if (status != PXE_OK) {
        session_free(session);
        return status;
    }
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

pxe_status wdsbp_session_query(struct wdsbp_sessions *sessions, uintptr_t handle, uint32_t name,
                               uint8_t *buffer, size_t capacity, size_t *out_length)
{
    struct wdsbp_session *session = session_pin(sessions, handle, KIND_PARSED);
    pxe_status status;

    if (session == NULL)
        return PXE_INVALID_HANDLE;
    status = wdsbp_parsed_query(&session->parsed, name, buffer, capacity, out_length);
    session_unpin(sessions, session);
    return status;
}

pxe_status wdsbp_session_add(struct wdsbp_sessions *sessions, uintptr_t handle, uint32_t name,
                             const uint8_t *value, size_t length)
{
    struct wdsbp_session *session = session_pin(sessions, handle, KIND_BUILD);
    pxe_status status;

    if (session == NULL)
        return PXE_INVALID_HANDLE;
    mutex_lock(&session->lock);
    status = wdsbp_build_add(&session->build, name, value, length);
    mutex_unlock(&session->lock);
    session_unpin(sessions, session);
    return status;
}

pxe_status wdsbp_session_get(struct wdsbp_sessions *sessions, uintptr_t handle, uint8_t *buffer,
                             size_t capacity, size_t *out_length)
{
    struct wdsbp_session *session = session_pin(sessions, handle, KIND_BUILD);
    pxe_status status;

    if (session == NULL)
        return PXE_INVALID_HANDLE;
    mutex_lock(&session->lock);
    status = wdsbp_build_get(&session->build, buffer, capacity, out_length);
    mutex_unlock(&session->lock);
    session_unpin(sessions, session);
    return status;
}
