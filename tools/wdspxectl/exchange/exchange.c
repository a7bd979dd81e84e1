#include "exchange/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "text/bytes.h"

/* A copy to be freed; NULL if memory is short. */
static uint8_t *bytes_copy(const void *bytes, size_t length)
{
    uint8_t *copy = malloc(length > 0 ? length : 1);
    if (copy != NULL && length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *string_copy(const char *string)
{
    return (char *)bytes_copy(string, strlen(string) + 1);
}

const char *string_pool_keep(struct string_pool *pool, const char *string)
{
    if (string == NULL)
        return NULL;
    /* There are few: names of providers, calls and rules, reasons. */
    for (size_t i = 0; i < pool->count; i++) {
        if (strcmp(pool->strings[i], string) == 0)
            return pool->strings[i];
    }
    if (!array_make_room(&pool->strings, pool->count, sizeof(*pool->strings)))
        return NULL;
    char *copy = string_copy(string);
    if (copy != NULL)
        pool->strings[pool->count++] = copy;
    return copy;
}

bool exchange_keep_repaired(struct exchange *exchange, const uint8_t *packet, size_t length)
{
    free(exchange->repaired.packet);
    exchange->repaired = *exchange->request;
    exchange->repaired.packet = bytes_copy(packet, length);
    exchange->repaired.length = length;
    return exchange->repaired.packet != NULL;
}

const struct message *exchange_repaired(const struct exchange *exchange)
{
    bool is_kept = exchange->repair != NULL && exchange->repaired.packet != NULL;
    return is_kept ? &exchange->repaired : NULL;
}

bool exchange_add_reply(struct exchange *exchange, const struct exchange_reply *reply)
{
    if (exchange->reply_count == EXCHANGE_REPLIES_MAX) {
        exchange->more_replies++;
        return true;
    }
    struct message message = reply->message;
    message.packet = bytes_copy(reply->message.packet, reply->message.length);
    if (message.packet == NULL ||
        !array_make_room(&exchange->replies, exchange->reply_count, sizeof(*exchange->replies))) {
        free(message.packet);
        return false;
    }
    exchange->replies[exchange->reply_count++] = (struct exchange_reply){message, reply->provider};
    return true;
}

bool exchange_add_call(struct exchange *exchange, const char *provider, uint64_t nanoseconds)
{
    exchange->nanoseconds += nanoseconds;
    if (exchange->call_count == EXCHANGE_CALLS_MAX)
        return true;
    if (!array_make_room(&exchange->calls, exchange->call_count, sizeof(*exchange->calls)))
        return false;
    exchange->calls[exchange->call_count++] = (struct exchange_call){provider, nanoseconds};
    return true;
}

bool exchange_add_finding(struct exchange *exchange, const struct finding *finding)
{
    if (exchange->finding_count == EXCHANGE_FINDINGS_MAX)
        return true;
    if (!array_make_room(&exchange->findings, exchange->finding_count, sizeof(*exchange->findings)))
        return false;
    struct exchange_finding added = {
        .finding = *finding,
        .text = string_copy(finding->text),
        .reproducer = finding->reproducer == NULL ? NULL : string_copy(finding->reproducer),
    };
    added.finding.text = added.text == NULL ? "" : added.text;
    added.finding.reproducer = added.reproducer;
    exchange->findings[exchange->finding_count++] = added;
    return added.text != NULL;
}

static int compare_number(const void *key, const void *element)
{
    uint64_t number = *(const uint64_t *)key;
    const struct exchange *exchange = element;
    uint64_t other = exchange->request->number;
    return number < other ? -1 : number > other;
}

struct exchange *exchanges_find(const struct exchange_list *list, uint64_t number)
{
    if (list->count == 0)
        return NULL;
    return bsearch(&number, list->exchanges, list->count, sizeof(*list->exchanges), compare_number);
}

static size_t capture_count(const struct exchange_list *list)
{
    size_t count = 0;
    while (list->capture_names != NULL && list->capture_names[count] != NULL)
        count++;
    return count;
}

const char *exchanges_capture_name(const struct exchange_list *list, uint64_t number)
{
    size_t capture = message_capture(number);
    return capture < capture_count(list) ? list->capture_names[capture] : "?";
}

void exchanges_put_frame(const struct exchange_list *list, struct text *text, uint64_t number)
{
    if (capture_count(list) > 1)
        text_format(text, "%s ", exchanges_capture_name(list, number));
    text_format(text, "frame %llu", (unsigned long long)message_frame(number));
}

static void free_exchange(struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->reply_count; i++)
        free(exchange->replies[i].message.packet);
    for (size_t i = 0; i < exchange->finding_count; i++) {
        free(exchange->findings[i].text);
        free(exchange->findings[i].reproducer);
    }
    free(exchange->replies);
    free(exchange->calls);
    free(exchange->findings);
    free(exchange->repaired.packet);
}

void exchanges_free(struct exchange_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free_exchange(&list->exchanges[i]);
    for (size_t i = 0; i < capture_count(list); i++)
        free(list->capture_names[i]);
    for (size_t i = 0; i < list->strings.count; i++)
        free(list->strings.strings[i]);
    free(list->exchanges);
    free(list->capture_names);
    free(list->strings.strings);
    memset(list, 0, sizeof(*list));
}
