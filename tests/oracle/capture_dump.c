/*
 * What wdspxectl's reader finds in captures, for oracle_capture.py: one line per DHCP message,
 *   FRAME MICROSECONDS SOURCE PORT DESTINATION PORT HEX
 * with addresses in hex. Ends with 1 and a line on standard error if a capture is damaged or cut.
 *
 *   capture_dump CAPTURE
 */
#include <stdio.h>
#include <stdlib.h>

#include "wdspxectl/capture/messages.h"

static size_t read_file(void *context, uint8_t *buffer, size_t size)
{
    return fread(buffer, 1, size, context);
}

static void print_hex(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        printf("%02x", bytes[i]);
}

static void print_message(const struct message *message)
{
    printf("%llu %llu ", (unsigned long long)message_frame(message->number),
           (unsigned long long)message->time);
    print_hex(message->source.address, message->source.length);
    printf(" %u ", message->source.port);
    print_hex(message->destination.address, message->destination.length);
    printf(" %u ", message->destination.port);
    print_hex(message->packet, message->length);
    printf("\n");
}

int main(int argc, char **argv)
{
    static struct message_list list;
    struct capture_summary summary;
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (file == NULL) {
        perror(argc == 2 ? argv[1] : "usage: capture_dump CAPTURE");
        return 2;
    }
    (void)messages_read(&list, (struct capture_source){read_file, file}, true, &summary);
    fclose(file);
    for (size_t i = 0; i < list.count; i++)
        print_message(&list.messages[i]);
    messages_free(&list);
    if (summary.status == CAPTURE_END && summary.damaged == 0 && summary.incomplete == 0)
        return 0;
    fprintf(stderr, "%s: %s; %llu damaged, %llu incomplete\n", argv[1], summary.problem,
            (unsigned long long)summary.damaged, (unsigned long long)summary.incomplete);
    return 1;
}
