#include "options.h"

#include <stdbool.h>
#include <string.h>

/* Option codes that the answer itself fills in, and those that are no options (RFC 2132). */
static const uint8_t reserved_options[] = {0, 52, 53, 54, 60, 82, 97, 255};
/* The same for DHCPv6 (RFC 8415, section 21). */
static const uint8_t reserved_options6[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                                            11, 12, 13, 14, 16, 18, 19, 20, 59, 60};

#define RESERVED "this option is not yours to set, the provider fills it in; remove the line"
#define TWICE "the option appears twice in this section; remove one"

static bool has_option(const struct option_draft *draft, size_t header, uint32_t code)
{
    for (size_t at = 0; at < draft->length;) {
        const uint8_t *option = draft->bytes + at;
        uint32_t found = header == 2 ? option[0] : (uint32_t)option[0] << 8 | option[1];

        if (found == code)
            return true;
        at += header + option[header - 1]; /* no value is longer than 255 bytes */
    }
    return false;
}

const char *options_add(struct option_draft *draft, const char *number, const char *value)
{
    uint8_t bytes[VALUE_OPTION_MAX];
    uint8_t length = 0;
    uint32_t code = 0;

    if (value_number(number, 255, &code) != NULL)
        return "an option has a number from 1 to 254, such as option.252";
    if (memchr(reserved_options, (int)code, sizeof(reserved_options)) != NULL)
        return RESERVED;
    if (has_option(draft, 2, code))
        return TWICE;
    const char *problem = value_option(value, bytes, &length);
    if (problem != NULL)
        return problem;
    if (ANSWER_OPTIONS_MAX - draft->length < 2 + (size_t)length)
        return "all options together have more than 700 bytes, which no reply can carry; remove "
               "some";
    draft->bytes[draft->length++] = (uint8_t)code;
    draft->bytes[draft->length++] = length;
    memcpy(draft->bytes + draft->length, bytes, length);
    draft->length += length;
    return NULL;
}

const char *options6_add(struct option_draft *draft, const char *number, const char *value)
{
    uint8_t bytes[VALUE_OPTION_MAX];
    uint8_t length = 0;
    uint32_t code = 0;

    if (value_number(number, 65535, &code) != NULL)
        return "an option of DHCPv6 has a number from 1 to 65535, such as option6.17";
    if (code < 256 && memchr(reserved_options6, (int)code, sizeof(reserved_options6)) != NULL)
        return RESERVED;
    if (has_option(draft, 4, code))
        return TWICE;
    const char *problem = value_option(value, bytes, &length);
    if (problem != NULL)
        return problem;
    if (ANSWER_OPTIONS6_MAX - draft->length < 4 + (size_t)length)
        return "all options of DHCPv6 together have more than 400 bytes; remove some";
    const uint8_t header[] = {(uint8_t)(code >> 8), (uint8_t)code, 0, length};
    memcpy(draft->bytes + draft->length, header, sizeof(header));
    memcpy(draft->bytes + draft->length + sizeof(header), bytes, length);
    draft->length += sizeof(header) + length;
    return NULL;
}
