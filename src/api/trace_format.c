#include "api/trace_format.h"

#include <assert.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

enum {
    FIELD_MAX = 255,   /* width and precision of numbers */
    NUMBER_MAX = 640,  /* 309 digits of a double, a point, FIELD_MAX decimals, a sign */
    NARROW_MAX = 2048, /* bytes of a narrow string that are looked at */
    DIGITS_MAX = 1 << 20,
};

/* Windows' va_list is a pointer to the next argument, which is all that must be known about it. */
static_assert(sizeof(va_list) == sizeof(char *), "va_list is a pointer");

/* ---- memory of others ---- */

/* Bytes that are known to be readable. */
struct range {
    uintptr_t start;
    uintptr_t end;
};

/* Can these bytes be read? Unlike IsBadReadPtr this touches nothing, not even a guard page. */
static bool readable(struct range *known, uintptr_t address, size_t length)
{
    const DWORD protections = PAGE_READONLY | PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READ |
                              PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;
    MEMORY_BASIC_INFORMATION region;
    uintptr_t end = address;

    if (address >= known->start && address <= known->end && length <= known->end - address)
        return true;
    do {
        if (VirtualQuery((const void *)end, &region, sizeof(region)) == 0 ||
            region.State != MEM_COMMIT || (region.Protect & PAGE_GUARD) != 0 ||
            (region.Protect & protections) == 0)
            return false;
        end = (uintptr_t)region.BaseAddress + region.RegionSize;
    } while (end - address < length);
    *known = (struct range){address, end};
    return true;
}

/* A string that is read unit by unit; the pointer need not be aligned. */
struct reader {
    uintptr_t at;
    struct range known;
};

/* The next unit without taking it; 0 at the end, which may be that of the memory. */
static wchar_t reader_peek(struct reader *reader)
{
    wchar_t unit;

    if (!readable(&reader->known, reader->at, sizeof(unit)))
        return L'\0';
    memcpy(&unit, (const void *)reader->at, sizeof(unit));
    return unit;
}

static void reader_skip(struct reader *reader)
{
    reader->at += sizeof(wchar_t);
}

static bool reader_accept(struct reader *reader, wchar_t unit)
{
    if (reader_peek(reader) != unit)
        return false;
    reader_skip(reader);
    return true;
}

/* ---- arguments ---- */

struct arguments {
    va_list list;
    struct range known;
};

/* With more conversions than arguments the list runs up the stack, which ends somewhere. */
static bool argument_there(struct arguments *arguments)
{
    uintptr_t at;

    memcpy(&at, &arguments->list, sizeof(at));
    return readable(&arguments->known, at, sizeof(long long));
}

/* ---- output ---- */

struct output {
    wchar_t *text;
    size_t room; /* units that still fit, without the terminator */
    size_t used;
};

static void put(struct output *output, wchar_t unit)
{
    if (output->room == 0 || unit == L'\0')
        return;
    output->text[output->used++] = unit;
    output->room--;
}

static void put_text(struct output *output, const wchar_t *text)
{
    while (*text != L'\0')
        put(output, *text++);
}

static void put_wide(struct output *output, uintptr_t address, size_t limit)
{
    struct reader reader = {.at = address};
    wchar_t unit;

    if (limit > 0 && !readable(&reader.known, address, sizeof(unit))) {
        put_text(output, L"(unreadable)");
        return;
    }
    for (; limit > 0 && output->room > 0 && (unit = reader_peek(&reader)) != L'\0'; limit--) {
        put(output, unit);
        reader_skip(&reader);
    }
}

static void put_bytes(struct output *output, const char *bytes, size_t count)
{
    if (count == 0 || output->room == 0) /* room 0 would ask for the size */
        return;
    int units = MultiByteToWideChar(CP_ACP, 0, bytes, (int)count, output->text + output->used,
                                    (int)output->room);
    if (units <= 0)
        return;
    output->used += (size_t)units;
    output->room -= (size_t)units;
}

static void put_narrow(struct output *output, uintptr_t address, size_t limit)
{
    struct range known = {0};
    char bytes[NARROW_MAX];
    size_t count = 0;

    if (limit > 0 && !readable(&known, address, 1)) {
        put_text(output, L"(unreadable)");
        return;
    }
    /* A unit takes one byte or more, so this is always enough, and it always fits. */
    if (limit > output->room)
        limit = output->room;
    if (limit > NARROW_MAX)
        limit = NARROW_MAX;
    while (count < limit && readable(&known, address + count, 1) &&
           *(const char *)(address + count) != '\0') {
        bytes[count] = *(const char *)(address + count);
        count++;
    }
    put_bytes(output, bytes, count);
}

/* Fills up to the width what was written since `begin`, as far as there is room. */
static void pad(struct output *output, size_t begin, size_t width, bool to_the_left)
{
    size_t length = output->used - begin;
    wchar_t *field = output->text + begin;

    if (width <= length)
        return;
    size_t fill = width - length < output->room ? width - length : output->room;
    if (to_the_left) {
        wmemset(field + length, L' ', fill);
    } else {
        wmemmove(field + fill, field, length);
        wmemset(field, L' ', fill);
    }
    output->used += fill;
    output->room -= fill;
}

/* ---- one conversion ---- */

enum size { SIZE_INT, SIZE_CHAR, SIZE_SHORT, SIZE_LONG, SIZE_WIDE, SIZE_POINTER, SIZE_INT64 };

struct conversion {
    wchar_t flags[8];
    bool left;
    int width;
    int precision; /* -1: none */
    enum size size;
    wchar_t letter;
};

static void read_flags(struct reader *format, struct conversion *conversion)
{
    size_t count = 0;
    wchar_t unit;

    while ((unit = reader_peek(format)) != L'\0' && wcschr(L"-+ #0", unit) != NULL) {
        if (wcschr(conversion->flags, unit) == NULL)
            conversion->flags[count++] = unit;
        reader_skip(format);
    }
    conversion->left = wcschr(conversion->flags, L'-') != NULL;
}

/* Digits or a star; without either 0. False if the argument is missing. */
static bool read_number(struct reader *format, struct arguments *arguments, int *number)
{
    wchar_t unit;

    *number = 0;
    if (reader_accept(format, L'*')) {
        if (!argument_there(arguments))
            return false;
        *number = va_arg(arguments->list, int);
        return true;
    }
    while ((unit = reader_peek(format)) >= L'0' && unit <= L'9') {
        if (*number < DIGITS_MAX)
            *number = *number * 10 + (unit - L'0');
        reader_skip(format);
    }
    return true;
}

static enum size read_size(struct reader *format)
{
    if (reader_accept(format, L'h'))
        return reader_accept(format, L'h') ? SIZE_CHAR : SIZE_SHORT;
    if (reader_accept(format, L'l'))
        return reader_accept(format, L'l') ? SIZE_INT64 : SIZE_LONG;
    if (reader_accept(format, L'w'))
        return SIZE_WIDE;
    if (reader_accept(format, L'L')) /* long double is double */
        return SIZE_INT;
    if (reader_accept(format, L'j'))
        return SIZE_INT64;
    if (reader_accept(format, L'z') || reader_accept(format, L't'))
        return SIZE_POINTER;
    if (!reader_accept(format, L'I'))
        return SIZE_INT;
    if (reader_accept(format, L'6'))
        return reader_accept(format, L'4') ? SIZE_INT64 : SIZE_INT;
    if (reader_accept(format, L'3'))
        return reader_accept(format, L'2') ? SIZE_LONG : SIZE_INT;
    return SIZE_POINTER;
}

/* What follows a percent sign. False if an argument is missing. */
static bool read_conversion(struct reader *format, struct arguments *arguments,
                            struct conversion *conversion)
{
    *conversion = (struct conversion){.precision = -1};
    read_flags(format, conversion);
    if (!read_number(format, arguments, &conversion->width))
        return false;
    if (conversion->width < 0) {
        conversion->left = true;
        conversion->width = conversion->width == INT_MIN ? INT_MAX : -conversion->width;
    }
    if (reader_accept(format, L'.') && !read_number(format, arguments, &conversion->precision))
        return false;
    if (conversion->precision < 0)
        conversion->precision = -1;
    conversion->size = read_size(format);
    conversion->letter = reader_peek(format);
    if (conversion->letter != L'\0')
        reader_skip(format);
    return true;
}

/* ---- numbers: the C runtime's own formatting, one at a time ----
 *
 * In its narrow form: the wide one of Wine 8 overruns a buffer of its own in wide fields.
 */

/* The conversion for _snprintf, with width and precision bounded. */
static void number_format(const struct conversion *conversion, const char *size, char format[32])
{
    int width = conversion->width < FIELD_MAX ? conversion->width : FIELD_MAX;
    int precision = conversion->precision < FIELD_MAX ? conversion->precision : FIELD_MAX;
    char width_text[8] = "", precision_text[8] = "";
    const char *left = conversion->left && wcschr(conversion->flags, L'-') == NULL ? "-" : "";

    if (width > 0)
        _snprintf(width_text, 7, "%d", width);
    if (precision >= 0)
        _snprintf(precision_text, 7, ".%d", precision);
    _snprintf(format, 31, "%%%ls%s%s%s%s%c", conversion->flags, left, width_text, precision_text,
              size, (char)conversion->letter);
    format[31] = '\0';
}

static void put_number(struct output *output, const char *number)
{
    while (*number != '\0')
        put(output, (unsigned char)*number++);
}

static unsigned long long take_integer(struct arguments *arguments,
                                       const struct conversion *conversion, bool is_signed)
{
    if (conversion->size == SIZE_INT64)
        return va_arg(arguments->list, unsigned long long);
    if (conversion->size == SIZE_POINTER) {
        INT_PTR value = va_arg(arguments->list, INT_PTR);
        return is_signed ? (unsigned long long)value : (UINT_PTR)value;
    }
    int value = va_arg(arguments->list, int);
    if (conversion->size == SIZE_CHAR)
        value = is_signed ? (signed char)value : (unsigned char)value;
    if (conversion->size == SIZE_SHORT)
        value = is_signed ? (short)value : (unsigned short)value;
    return is_signed ? (unsigned long long)value : (unsigned)value;
}

static void convert_number(struct output *output, struct conversion *conversion,
                           struct arguments *arguments)
{
    /* By a pointer, because compilers want to see the format, which is made for the argument. */
    int (*const print)(char *, size_t, const char *, ...) = _snprintf;
    char format[32], number[NUMBER_MAX + 1] = "";

    if (wcschr(L"diouxX", conversion->letter) != NULL) {
        bool is_signed = conversion->letter == L'd' || conversion->letter == L'i';
        number_format(conversion, "I64", format);
        print(number, NUMBER_MAX, format, take_integer(arguments, conversion, is_signed));
    } else if (conversion->letter == L'p') {
        number_format(conversion, "", format);
        print(number, NUMBER_MAX, format, va_arg(arguments->list, void *));
    } else {
        if (conversion->letter == L'F') /* older runtimes do not know it */
            conversion->letter = L'f';
        number_format(conversion, "", format);
        print(number, NUMBER_MAX, format, va_arg(arguments->list, double));
    }
    put_number(output, number);
}

/* ---- characters and strings ---- */

static bool is_wide(const struct conversion *conversion)
{
    if (conversion->size == SIZE_SHORT)
        return false;
    if (conversion->size == SIZE_LONG || conversion->size == SIZE_WIDE)
        return true;
    return conversion->letter == L's' || conversion->letter == L'c';
}

static void put_string(struct output *output, uintptr_t address, size_t limit, bool wide)
{
    if (address == 0)
        put_text(output, L"(null)");
    else if (wide)
        put_wide(output, address, limit);
    else
        put_narrow(output, address, limit);
}

/* Puts an ANSI_STRING or a UNICODE_STRING, which have the same layout. */
static void put_counted(struct output *output, uintptr_t address, size_t limit, bool wide)
{
    struct {
        USHORT length; /* bytes */
        USHORT size;
        uintptr_t buffer;
    } counted;
    struct range known = {0};

    if (address == 0) {
        put_text(output, L"(null)");
        return;
    }
    if (!readable(&known, address, sizeof(counted))) {
        put_text(output, L"(unreadable)");
        return;
    }
    memcpy(&counted, (const void *)address, sizeof(counted));
    size_t length = wide ? counted.length / sizeof(wchar_t) : counted.length;
    put_string(output, counted.buffer, length < limit ? length : limit, wide);
}

static void convert_text(struct output *output, const struct conversion *conversion,
                         struct arguments *arguments)
{
    size_t limit = conversion->precision >= 0 ? (size_t)conversion->precision : SIZE_MAX;
    size_t begin = output->used;
    bool wide = is_wide(conversion);

    if (conversion->letter == L'c' || conversion->letter == L'C') {
        int unit = va_arg(arguments->list, int);
        char byte = (char)unit;
        if (wide)
            put(output, (wchar_t)unit);
        else if (byte != '\0')
            put_bytes(output, &byte, 1);
    } else {
        uintptr_t address = (uintptr_t)va_arg(arguments->list, void *);
        if (conversion->letter == L'Z')
            put_counted(output, address, limit, wide);
        else
            put_string(output, address, limit, wide);
    }
    pad(output, begin, (size_t)conversion->width, conversion->left);
}

/* ---- all together ---- */

/* What follows a percent sign. False if it cannot be converted. */
static bool convert(struct output *output, struct reader *format, struct arguments *arguments)
{
    struct conversion conversion;

    if (!read_conversion(format, arguments, &conversion) || conversion.letter == L'\0')
        return false;
    if (conversion.letter == L'%') {
        put(output, L'%');
        return true;
    }
    if (wcschr(L"diouxXpaAeEfFgGcCsSZn", conversion.letter) == NULL || !argument_there(arguments))
        return false;
    if (wcschr(L"cCsSZ", conversion.letter) != NULL)
        convert_text(output, &conversion, arguments);
    else if (conversion.letter == L'n')
        (void)va_arg(arguments->list, void *);
    else
        convert_number(output, &conversion, arguments);
    return true;
}

size_t trace_format(wchar_t *text, size_t size, const wchar_t *format, va_list arguments)
{
    struct output output = {.text = text, .room = size - 1};
    struct reader reader = {.at = (uintptr_t)format};
    struct arguments rest = {.known = {0}};
    wchar_t unit;

    va_copy(rest.list, arguments);
    while (output.room > 0 && (unit = reader_peek(&reader)) != L'\0') {
        struct reader start = reader;
        reader_skip(&reader);
        if (unit != L'%') {
            put(&output, unit);
        } else if (!convert(&output, &reader, &rest)) {
            for (; start.at < reader.at; reader_skip(&start))
                put(&output, reader_peek(&start));
        }
    }
    va_end(rest.list);
    text[output.used] = L'\0';
    return output.used;
}
