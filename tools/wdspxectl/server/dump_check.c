#include "server/dump_check.h"

#include "text/bytes.h"

enum {
    SIGNATURE = 0x504d444d, /* "MDMP" */
    HEADER_SIZE = 32,
    DIRECTORY_ENTRY = 12,
    STREAM_THREADS = 3,
    STREAM_MEMORY = 5,
    STREAM_EXCEPTION = 6,
    STREAM_MEMORY64 = 9,
    THREAD_SIZE = 48,
    THREAD_STACK = 32, /* of MINIDUMP_THREAD: size and place of the stack, then of the context */
    THREAD_CONTEXT = 40,
    RANGE_SIZE = 16,
    RANGE_PLACE = 8,
    EXCEPTION_CONTEXT = 160,
    EXCEPTION_SIZE = 168,
};

/* A part of the file. */
struct part {
    const uint8_t *bytes;
    size_t size;
};

/* MINIDUMP_LOCATION_DESCRIPTOR: size, then offset from the file's start. */
static bool location_lies_in(const struct part *file, const uint8_t *location)
{
    const uint64_t end = (uint64_t)get_le32(location) + get_le32(location + 4);

    return end <= file->size;
}

/* A stream that begins with a number of elements, and holds so many. Not one that a hole has made.
 */
static bool is_list_of(const struct part *stream, size_t element, uint32_t *out_count)
{
    if (stream->size < 4)
        return false;
    *out_count = get_le32(stream->bytes);
    return *out_count > 0 && *out_count <= (stream->size - 4) / element;
}

static bool threads_are_whole(const struct part *file, const struct part *stream)
{
    uint32_t count;

    if (!is_list_of(stream, THREAD_SIZE, &count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *thread = stream->bytes + 4 + (size_t)i * THREAD_SIZE;
        if (!location_lies_in(file, thread + THREAD_STACK) ||
            !location_lies_in(file, thread + THREAD_CONTEXT))
            return false;
    }
    return true;
}

static bool memory_is_whole(const struct part *file, const struct part *stream)
{
    uint32_t count;

    if (!is_list_of(stream, RANGE_SIZE, &count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!location_lies_in(file, stream->bytes + 4 + (size_t)i * RANGE_SIZE + RANGE_PLACE))
            return false;
    return true;
}

static uint64_t get_le64(const uint8_t *at)
{
    return (uint64_t)get_le32(at + 4) << 32 | get_le32(at);
}

/* Number of ranges and place of the first, then their addresses and sizes; they lie one behind the
 * other. */
static bool memory64_is_whole(const struct part *file, const struct part *stream)
{
    if (stream->size < RANGE_SIZE)
        return false;
    const uint64_t count = get_le64(stream->bytes);
    uint64_t end = get_le64(stream->bytes + 8);

    if (count == 0 || count > (stream->size - RANGE_SIZE) / RANGE_SIZE)
        return false;
    for (uint64_t i = 0; i < count && end <= file->size; i++) {
        const uint64_t size = get_le64(stream->bytes + RANGE_SIZE * (i + 1) + 8);
        if (size > file->size)
            return false;
        end += size;
    }
    return end <= file->size;
}

static bool stream_is_whole(const struct part *file, uint32_t type, const struct part *stream)
{
    switch (type) {
    case STREAM_THREADS:
        return threads_are_whole(file, stream);
    case STREAM_MEMORY:
        return memory_is_whole(file, stream);
    case STREAM_MEMORY64:
        return memory64_is_whole(file, stream);
    case STREAM_EXCEPTION:
        return stream->size >= EXCEPTION_SIZE &&
               location_lies_in(file, stream->bytes + EXCEPTION_CONTEXT);
    default:
        return true;
    }
}

bool dump_is_whole(const uint8_t *bytes, size_t size)
{
    const struct part file = {bytes, size};
    bool has_threads = false;

    if (size < HEADER_SIZE || get_le32(bytes) != SIGNATURE)
        return false;
    const uint32_t streams = get_le32(bytes + 8), directory = get_le32(bytes + 12);
    if ((uint64_t)directory + (uint64_t)streams * DIRECTORY_ENTRY > size)
        return false;
    for (uint32_t i = 0; i < streams; i++) {
        const uint8_t *entry = bytes + directory + (size_t)i * DIRECTORY_ENTRY;
        if (!location_lies_in(&file, entry + 4))
            return false;
        const struct part stream = {bytes + get_le32(entry + 8), get_le32(entry + 4)};
        if (!stream_is_whole(&file, get_le32(entry), &stream))
            return false;
        has_threads |= get_le32(entry) == STREAM_THREADS;
    }
    return has_threads;
}
