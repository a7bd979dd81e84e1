#include "values.h"

#include <string.h>
#include <wchar.h>

#define MAC_SIZE 6
#define GUID_SIZE 16
#define IPV4_SIZE 4
#define DUID_MIN 3 /* RFC 8415, section 11.1: a type of two bytes, then at least one more */
#define PARAMS_TEXT_MAX 255

/* The value of one digit in base 16, or 16 if it is none. */
static ULONG digit_value(WCHAR c)
{
    if (c >= L'0' && c <= L'9')
        return (ULONG)(c - L'0');
    if (c >= L'a' && c <= L'f')
        return (ULONG)(c - L'a') + 10;
    if (c >= L'A' && c <= L'F')
        return (ULONG)(c - L'A') + 10;
    return 16;
}

static LPCWSTR skip_separators(LPCWSTR text, LPCWSTR separators)
{
    while (*text != L'\0' && wcschr(separators, *text) != NULL)
        ++text;
    return text;
}

/*
 * Reads pairs of hexadecimal digits with separators between the pairs. FALSE if the text has
 * anything else, or more than `size` pairs; *out_count is the number of pairs.
 */
static BOOL read_hex(LPCWSTR text, LPCWSTR separators, BYTE *out, SIZE_T size, SIZE_T *out_count)
{
    SIZE_T count = 0;

    for (text = skip_separators(text, separators); *text != L'\0';
         text = skip_separators(text + 2, separators)) {
        ULONG high = digit_value(text[0]);
        ULONG low = high < 16 ? digit_value(text[1]) : 16;

        if (low > 15 || count == size)
            return FALSE;
        out[count++] = (BYTE)(high << 4 | low);
    }
    *out_count = count;
    return TRUE;
}

static void put_big_endian(ULONG value, BYTE *out, SIZE_T size)
{
    for (SIZE_T i = size; i > 0; --i) {
        out[i - 1] = (BYTE)value;
        value >>= 8;
    }
}

static void swap_bytes(BYTE *bytes, SIZE_T count)
{
    for (SIZE_T i = 0; i < count / 2; ++i) {
        BYTE first = bytes[i];

        bytes[i] = bytes[count - 1 - i];
        bytes[count - 1 - i] = first;
    }
}

LPCWSTR value_text(LPCWSTR text, CHAR *out, SIZE_T size)
{
    SIZE_T length = wcslen(text);

    if (text[0] == L'"') {
        if (length < 2 || text[length - 1] != L'"')
            return L"the closing quote is missing; add it at the end of the line";
        ++text;
        length -= 2;
    }
    if (length == 0)
        return L"the value is empty; give one or remove the line";
    if (length >= size)
        return L"the value is too long; a boot file has at most 127 characters, a server name 63, "
               L"an option, a URL or boot parameters 255";
    for (SIZE_T i = 0; i < length; ++i) {
        if (text[i] == L'"')
            return L"a quote stands inside the value; quotes may only enclose it";
        if (text[i] < 0x20 || text[i] > 0x7e)
            return L"only ASCII letters, digits and signs can be sent to a boot ROM; rename it";
    }
    for (SIZE_T i = 0; i < length; ++i)
        out[i] = (CHAR)text[i];
    out[length] = '\0';
    return NULL;
}

LPCWSTR value_yes_no(LPCWSTR text, BOOL *out)
{
    if (_wcsicmp(text, L"yes") == 0)
        *out = TRUE;
    else if (_wcsicmp(text, L"no") == 0)
        *out = FALSE;
    else
        return L"write yes or no";
    return NULL;
}

LPCWSTR value_number(LPCWSTR text, ULONG max, ULONG *out)
{
    BOOL is_hex = text[0] == L'0' && (text[1] == L'x' || text[1] == L'X');
    ULONG base = is_hex ? 16 : 10;
    ULONG value = 0;

    if (is_hex)
        text += 2;
    if (*text == L'\0')
        return L"write a number, decimal or hexadecimal after 0x";
    for (; *text != L'\0'; ++text) {
        ULONG digit = digit_value(*text);

        if (digit >= base)
            return L"write a number, decimal or hexadecimal after 0x";
        if (digit > max || value > (max - digit) / base)
            return L"the number is too large for its field; use a smaller one or a wider field";
        value = value * base + digit;
    }
    *out = value;
    return NULL;
}

/* One dotted address at *text, which moves behind it. FALSE if there is none. */
static BOOL read_ipv4(LPCWSTR *text, BYTE out[IPV4_SIZE])
{
    LPCWSTR at = *text;

    for (int i = 0; i < IPV4_SIZE; ++i) {
        ULONG part = 0;
        int digits = 0;

        if (i > 0 && *at++ != L'.')
            return FALSE;
        for (; digits < 3 && *at >= L'0' && *at <= L'9'; ++digits)
            part = part * 10 + (ULONG)(*at++ - L'0');
        if (digits == 0 || part > 255)
            return FALSE;
        out[i] = (BYTE)part;
    }
    *text = at;
    return TRUE;
}

LPCWSTR value_ipv4(LPCWSTR text, BYTE out[4])
{
    static const BYTE none[IPV4_SIZE];
    BYTE address[IPV4_SIZE];

    if (!read_ipv4(&text, address) || *text != L'\0')
        return L"write an IPv4 address such as 192.168.0.1 (names are not looked up)";
    if (memcmp(address, none, sizeof(none)) == 0)
        return L"0.0.0.0 is no server; remove the line to send the server's own address";
    memcpy(out, address, sizeof(address));
    return NULL;
}

LPCWSTR value_mac(LPCWSTR text, BYTE out[6])
{
    BYTE mac[MAC_SIZE];
    SIZE_T count;

    if (!read_hex(text, L"-:. ", mac, sizeof(mac), &count) || count != sizeof(mac))
        return L"a MAC address has six bytes, such as [mac:52-54-00-12-34-56]";
    memcpy(out, mac, sizeof(mac));
    return NULL;
}

LPCWSTR value_guid(LPCWSTR text, BYTE out[16])
{
    BYTE guid[GUID_SIZE];
    SIZE_T count;

    if (!read_hex(text, L"-{}", guid, sizeof(guid), &count) || count != sizeof(guid))
        return L"a GUID has 32 hexadecimal digits, such as "
               L"[guid:00112233-4455-6677-8899-aabbccddeeff]";
    swap_bytes(guid, 4);
    swap_bytes(guid + 4, 2);
    swap_bytes(guid + 6, 2);
    memcpy(out, guid, sizeof(guid));
    return NULL;
}

LPCWSTR value_duid(LPCWSTR text, BYTE out[VALUE_DUID_MAX], ULONG *length)
{
    BYTE duid[VALUE_DUID_MAX];
    SIZE_T count;

    if (!read_hex(text, L"-:. ", duid, sizeof(duid), &count) || count < DUID_MIN)
        return L"a DUID has 3 to 130 bytes of two hexadecimal digits each, such as "
               L"[duid:00-03-00-01-52-54-00-12-34-56]";
    memcpy(out, duid, count);
    *length = (ULONG)count;
    return NULL;
}

/* RFC 5970, section 3.2: each parameter has its length before it, in two bytes. */
LPCWSTR value_params(LPCWSTR text, BYTE out[VALUE_PARAMS_MAX], ULONG *length)
{
    CHAR words[PARAMS_TEXT_MAX + 1];
    LPCWSTR problem = value_text(text, words, sizeof(words));
    ULONG used = 0;
    SIZE_T size;

    if (problem != NULL)
        return problem;
    for (const CHAR *word = words + strspn(words, " "); *word != '\0';
         word += size + strspn(word + size, " ")) {
        size = strcspn(word, " ");
        put_big_endian((ULONG)size, out + used, 2);
        memcpy(out + used + 2, word, size);
        used += 2 + (ULONG)size;
    }
    if (used == 0)
        return L"the value is empty; give one or remove the line";
    *length = used;
    return NULL;
}

static LPCWSTR option_hex(LPCWSTR text, BYTE out[VALUE_OPTION_MAX], BYTE *length)
{
    SIZE_T count;

    if (!read_hex(text, L"-:. ", out, VALUE_OPTION_MAX, &count) || count == 0)
        return L"write hex: and 1 to 255 bytes of two digits each, such as hex:0a0b";
    *length = (BYTE)count;
    return NULL;
}

static LPCWSTR option_addresses(LPCWSTR text, BYTE out[VALUE_OPTION_MAX], BYTE *length)
{
    SIZE_T used = 0;

    for (;;) {
        if (VALUE_OPTION_MAX - used < IPV4_SIZE || !read_ipv4(&text, out + used))
            break;
        used += IPV4_SIZE;
        text = skip_separators(text, L" ");
        if (*text == L'\0') {
            *length = (BYTE)used;
            return NULL;
        }
        if (*text != L',')
            break;
        text = skip_separators(text + 1, L" ");
    }
    return L"write ip: and 1 to 63 addresses with commas between, such as ip:10.0.0.1,10.0.0.2";
}

static LPCWSTR option_number(LPCWSTR text, BYTE size, BYTE out[VALUE_OPTION_MAX], BYTE *length)
{
    ULONG number;
    LPCWSTR problem = value_number(text, 0xffffffffUL >> (32 - 8 * size), &number);

    if (problem != NULL)
        return problem;
    put_big_endian(number, out, size);
    *length = size;
    return NULL;
}

static LPCWSTR option_text(LPCWSTR text, BYTE out[VALUE_OPTION_MAX], BYTE *length)
{
    CHAR value[VALUE_OPTION_MAX + 1];
    LPCWSTR problem;

    if (wcscmp(text, L"\"\"") == 0) {
        *length = 0;
        return NULL;
    }
    problem = value_text(text, value, sizeof(value));
    if (problem != NULL)
        return problem;
    *length = (BYTE)strlen(value);
    memcpy(out, value, *length); /* without NUL: RFC 2132, section 2 */
    return NULL;
}

LPCWSTR value_option(LPCWSTR text, BYTE out[VALUE_OPTION_MAX], BYTE *length)
{
    if (text[0] == L'"')
        return option_text(text, out, length);
    if (_wcsnicmp(text, L"hex:", 4) == 0)
        return option_hex(text + 4, out, length);
    if (_wcsnicmp(text, L"ip:", 3) == 0)
        return option_addresses(text + 3, out, length);
    if (_wcsnicmp(text, L"u8:", 3) == 0)
        return option_number(text + 3, 1, out, length);
    if (_wcsnicmp(text, L"u16:", 4) == 0)
        return option_number(text + 4, 2, out, length);
    if (_wcsnicmp(text, L"u32:", 4) == 0)
        return option_number(text + 4, 4, out, length);
    return L"say what it is: hex:0a0b, ip:10.0.0.1, u8:5, u16:5, u32:5, or \"text\" in quotes";
}
