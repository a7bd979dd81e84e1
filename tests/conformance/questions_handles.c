/*
 * Functions that take a provider's or a request's handle, and get something else. Real ones exist
 * inside a running server only, so what they do with those is not asked here.
 */
#include "questions.h"

#include "subject.h"

/* No handle: zeros, so that a DLL that takes it for a structure finds NULLs. */
static BYTE nothing[4096];
static BYTE packet[300];

/* A handle, but of another kind: an open enumeration of the providers. */
static HANDLE other_kind(void)
{
    HANDLE enumeration = NULL;
    DWORD error = PXE(PxeProviderEnumFirst)(&enumeration);

    if (error != ERROR_SUCCESS)
        not_asked("PxeProviderEnumFirst returned %lu", error);
    return enumeration;
}

static DWORD PXEAPI callback(PVOID context)
{
    (void)context;
    return ERROR_SUCCESS;
}

/* ---- PxeRegisterCallback ---- */

static void register_callback(HANDLE provider, ULONG type, PVOID function)
{
    answer("%lu", PXE(PxeRegisterCallback)(provider, type, function, NULL));
}

static void register_null(void)
{
    register_callback(NULL, PXE_CALLBACK_SHUTDOWN, (PVOID)(ULONG_PTR)callback);
}

static void register_nothing(void)
{
    register_callback(nothing, PXE_CALLBACK_SHUTDOWN, (PVOID)(ULONG_PTR)callback);
}

static void register_other(void)
{
    register_callback(other_kind(), PXE_CALLBACK_SHUTDOWN, (PVOID)(ULONG_PTR)callback);
}

static void register_null_type_3(void)
{
    register_callback(NULL, PXE_CALLBACK_MAX, (PVOID)(ULONG_PTR)callback);
}

static void register_null_function(void)
{
    register_callback(NULL, PXE_CALLBACK_SHUTDOWN, NULL);
}

/* ---- PxeProviderSetAttribute ---- */

static void set_attribute(HANDLE provider, ULONG attribute, ULONG value, ULONG size)
{
    answer("%lu", PXE(PxeProviderSetAttribute)(provider, attribute, &value, size));
}

static void attribute_null(void)
{
    set_attribute(NULL, PXE_PROV_ATTR_FILTER, PXE_PROV_FILTER_ALL, 4);
}

static void attribute_nothing(void)
{
    set_attribute(nothing, PXE_PROV_ATTR_FILTER, PXE_PROV_FILTER_ALL, 4);
}

static void attribute_other(void)
{
    set_attribute(other_kind(), PXE_PROV_ATTR_FILTER, PXE_PROV_FILTER_ALL, 4);
}

static void attribute_null_unknown(void)
{
    set_attribute(NULL, 99, 0, 4);
}

static void attribute_null_size(void)
{
    set_attribute(NULL, PXE_PROV_ATTR_FILTER, PXE_PROV_FILTER_ALL, 3);
}

/* ---- PxePacketAllocate, PxePacketFree ---- */

static void allocate(HANDLE provider, HANDLE request, ULONG size)
{
    SetLastError(ERROR_SUCCESS);
    PVOID result = PXE(PxePacketAllocate)(provider, request, size);
    DWORD error = GetLastError();

    answer(result == NULL ? "NULL" : "a packet");
    answer("last error %lu", error);
}

static void allocate_null(void)
{
    allocate(NULL, NULL, 300);
}

static void allocate_nothing(void)
{
    allocate(nothing, nothing, 300);
}

static void allocate_other(void)
{
    HANDLE handle = other_kind();

    allocate(handle, handle, 300);
}

static void allocate_null_0(void)
{
    allocate(NULL, NULL, 0);
}

static void allocate_null_65536(void)
{
    allocate(NULL, NULL, 65536);
}

static void free_null(void)
{
    answer("%lu", PXE(PxePacketFree)(NULL, NULL, packet));
}

static void free_nothing(void)
{
    answer("%lu", PXE(PxePacketFree)(nothing, nothing, packet));
}

static void free_null_packet(void)
{
    answer("%lu", PXE(PxePacketFree)(NULL, NULL, NULL));
}

/* ---- PxeSendReply, PxeAsyncRecvDone ---- */

static void send_null(void)
{
    answer("%lu", PXE(PxeSendReply)(NULL, packet, sizeof(packet), NULL));
}

static void send_nothing(void)
{
    answer("%lu", PXE(PxeSendReply)(nothing, packet, sizeof(packet), NULL));
}

static void send_other(void)
{
    answer("%lu", PXE(PxeSendReply)(other_kind(), packet, sizeof(packet), NULL));
}

static void send_null_all(void)
{
    answer("%lu", PXE(PxeSendReply)(NULL, NULL, 0, NULL));
}

static void done_null(void)
{
    answer("%lu", PXE(PxeAsyncRecvDone)(NULL, PXE_BA_IGNORE));
}

static void done_nothing(void)
{
    answer("%lu", PXE(PxeAsyncRecvDone)(nothing, PXE_BA_IGNORE));
}

static void done_other(void)
{
    answer("%lu", PXE(PxeAsyncRecvDone)(other_kind(), PXE_BA_IGNORE));
}

static void done_null_action(void)
{
    answer("%lu", PXE(PxeAsyncRecvDone)(NULL, 99));
}

/* ---- table ---- */

#define Q(id, text, choice, ask) {"handle-" id, text, choice, ask, NEEDS_NOTHING}
#define REGISTER "PxeRegisterCallback: "
#define ATTRIBUTE "PxeProviderSetAttribute: "
#define ALLOCATE "PxePacketAllocate: "
#define FREE "PxePacketFree: "
#define SEND "PxeSendReply: "
#define DONE "PxeAsyncRecvDone: "

static const struct question questions[] = {
    Q("register-null", REGISTER "handle NULL", "6", register_null),
    Q("register-invented", REGISTER "handle that is none", "6", register_nothing),
    Q("register-other", REGISTER "handle of an enumeration", "6", register_other),
    Q("register-null-type", REGISTER "handle NULL and type 3", "6", register_null_type_3),
    Q("register-null-function", REGISTER "handle NULL and function NULL", "6",
      register_null_function),
    Q("attribute-null", ATTRIBUTE "handle NULL", "6", attribute_null),
    Q("attribute-invented", ATTRIBUTE "handle that is none", "6", attribute_nothing),
    Q("attribute-other", ATTRIBUTE "handle of an enumeration", "6", attribute_other),
    Q("attribute-null-unknown", ATTRIBUTE "handle NULL and attribute 99", "6",
      attribute_null_unknown),
    Q("attribute-null-size", ATTRIBUTE "handle NULL and length 3", "6", attribute_null_size),
    Q("allocate-null", ALLOCATE "handles NULL", "NULL, last error 6", allocate_null),
    Q("allocate-invented", ALLOCATE "handles that are none", "NULL, last error 6",
      allocate_nothing),
    Q("allocate-other", ALLOCATE "handles of an enumeration", "NULL, last error 6", allocate_other),
    Q("allocate-null-0", ALLOCATE "handles NULL and size 0", "NULL, last error 87",
      allocate_null_0),
    Q("allocate-null-65536", ALLOCATE "handles NULL and size 65536", "NULL, last error 87",
      allocate_null_65536),
    Q("free-null", FREE "handles NULL", "6", free_null),
    Q("free-invented", FREE "handles that are none", "6", free_nothing),
    Q("free-null-packet", FREE "handles NULL and packet NULL", "6", free_null_packet),
    Q("send-null", SEND "handle NULL", "6", send_null),
    Q("send-invented", SEND "handle that is none", "6", send_nothing),
    Q("send-other", SEND "handle of an enumeration", "6", send_other),
    Q("send-null-packet", SEND "handle NULL, packet NULL, length 0", "6", send_null_all),
    Q("done-null", DONE "handle NULL", "6", done_null),
    Q("done-invented", DONE "handle that is none", "6", done_nothing),
    Q("done-other", DONE "handle of an enumeration", "6", done_other),
    Q("done-null-action", DONE "handle NULL and action 99", "6", done_null_action),
};

const struct question_group handle_questions = QUESTION_GROUP(questions);
