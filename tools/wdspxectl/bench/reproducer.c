#include "bench/reproducer.h"

#include <stdlib.h>
#include <string.h>

#include "capture/write_pcap.h"
#include "cli/file.h"

enum { AT_HTYPE = 1, AT_HLEN = 2, AT_GIADDR = 24, AT_CHADDR = 28, HTYPE_ETHERNET = 1 };

static void put_datagram(struct file_writer *writer, const struct capture_datagram *datagram)
{
    uint8_t headers[CAPTURE_FRAME_HEADERS_MAX];
    size_t size = capture_frame_headers(datagram, headers);
    file_writer_put(writer, headers, size);
    file_writer_put(writer, datagram->payload, datagram->length);
}

/* The client's address, if the request came from the client and tells it. */
static const uint8_t *client_mac(const struct message *request)
{
    static const uint8_t direct[4] = {0};
    const uint8_t *packet = request->packet;
    if (request->source.length != 4 || request->length < AT_CHADDR + CAPTURE_MAC_SIZE ||
        packet[AT_HTYPE] != HTYPE_ETHERNET || packet[AT_HLEN] != CAPTURE_MAC_SIZE ||
        memcmp(packet + AT_GIADDR, direct, sizeof(direct)) != 0)
        return NULL;
    return packet + AT_CHADDR;
}

/* Without MAC addresses. */
static struct capture_datagram datagram_of(const struct message *message)
{
    return (struct capture_datagram){
        .time = message->time,
        .source = &message->source,
        .destination = &message->destination,
        .payload = message->packet,
        .length = message->length < CAPTURE_PAYLOAD_MAX ? message->length : CAPTURE_PAYLOAD_MAX,
    };
}

static struct capture_datagram request_datagram(const struct message *request)
{
    static const uint8_t all_stations[CAPTURE_MAC_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct capture_datagram datagram = datagram_of(request);
    datagram.source_mac = client_mac(request);
    datagram.destination_mac = request->is_broadcast ? all_stations : NULL;
    return datagram;
}

size_t reproducer_headers(const struct message *request, uint8_t *out_headers)
{
    const struct capture_datagram datagram = request_datagram(request);
    return capture_frame_headers(&datagram, out_headers);
}

static void put_request(struct file_writer *writer, const struct message *request)
{
    const struct capture_datagram datagram = request_datagram(request);
    put_datagram(writer, &datagram);
}

static void put_replies(struct file_writer *writer, const struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->reply_count; i++) {
        struct capture_datagram datagram = datagram_of(&exchange->replies[i].message);
        datagram.time = exchange->request->time + 1 + i;
        datagram.destination_mac = client_mac(exchange->request);
        put_datagram(writer, &datagram);
    }
}

/* Makes the file and writes its header. */
static void begin_capture(struct file_writer *writer, const char *path)
{
    uint8_t header[CAPTURE_FILE_HEADER_SIZE];
    file_writer_open(writer, path);
    capture_file_header(header);
    file_writer_put(writer, header, sizeof(header));
}

void reproducer_put_path(struct text *path, const char *folder, const char *kind,
                         const char *provider)
{
    if (strcmp(folder, ".") != 0)
        text_format(path, "%s\\", folder);
    text_format(path, "%s-", kind);
    file_name_put(path, provider != NULL && provider[0] != '\0' ? provider : "unknown");
}

bool reproducer_write(const char *folder, const char *provider, const char *name,
                      const struct message *request, struct text *out_path)
{
    struct file_writer writer;
    reproducer_put_path(out_path, folder, "fault", provider);
    text_format(out_path, "-%s.pcap", name);
    if (out_path->failed)
        return false;
    (void)folder_create(folder); /* mostly there; opening tells if not */
    begin_capture(&writer, text_chars(out_path));
    put_request(&writer, request);
    DWORD error = file_writer_close(&writer);
    if (error == ERROR_SUCCESS)
        return true;
    (void)output_win32_error(error, "cannot write the reproducer \"%s\"", text_chars(out_path));
    return false;
}

enum exit_code capture_write_run(const char *path, const struct exchange_list *list)
{
    struct file_writer writer;
    begin_capture(&writer, path);
    for (size_t i = 0; i < list->count; i++) {
        put_request(&writer, list->exchanges[i].request);
        put_replies(&writer, &list->exchanges[i]);
    }
    DWORD error = file_writer_close(&writer);
    if (error != ERROR_SUCCESS)
        return output_win32_error(error, "cannot write the capture \"%s\"", path);
    return EXIT_CODE_OK;
}
