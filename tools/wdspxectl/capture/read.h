/*
 * Reads capture files frame by frame: pcap (both byte orders, micro- and nanoseconds) and pcapng
 * (sections of both byte orders; interface, enhanced, simple and obsolete packet blocks, the time
 * resolution and offset of an interface). Every length of the file is doubted. One frame is in
 * memory at a time, whatever the size of the file.
 */
#ifndef WDSPXECTL_CAPTURE_READ_H
#define WDSPXECTL_CAPTURE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CAPTURE_FRAME_MAX = 16 * 1024 * 1024, /* bytes; what claims more is no frame */
    CAPTURE_INTERFACES_MAX = 1024,        /* of one pcapng section */
    CAPTURE_PROBLEM_SIZE = 160,
};

/* Where the bytes come from. */
struct capture_source {
    /*
     * Puts the next `size` bytes into `buffer`, fewer only at the end. Returns how many.
     * A source that fails to read returns what it has and tells by means of its own.
     */
    size_t (*read)(void *context, uint8_t *buffer, size_t size);
    void *context;
};

struct capture_frame {
    uint64_t number;      /* from 1, as Wireshark counts */
    uint64_t time;        /* nanoseconds since 1970; 0 if the file does not tell */
    uint32_t link_type;   /* LINKTYPE_* of pcap */
    const uint8_t *bytes; /* until the next call */
    size_t length;
    size_t original_length; /* more than length: the capture cut the frame off */
};

enum capture_status {
    CAPTURE_OK,
    CAPTURE_END, /* no more frames */
    CAPTURE_CUT, /* the file ends within a frame; what came before is good */
    CAPTURE_BAD, /* no capture, or damaged */
};

struct capture_interface {
    uint32_t link_type;
    uint32_t snap_length;    /* 0: no limit */
    uint8_t time_resolution; /* if_tsresol */
    int64_t time_offset;     /* if_tsoffset: seconds */
};

struct capture_reader {
    struct capture_source source;
    uint64_t offset;       /* bytes read */
    uint64_t frame_number; /* of the last frame */
    enum capture_status status;
    bool is_started;
    bool is_pcapng;
    bool is_big_endian;
    bool has_nanoseconds;   /* pcap */
    size_t interface_count; /* pcap: 1 */
    struct capture_interface *interfaces;
    uint8_t *buffer;
    size_t buffer_size;
    char problem[CAPTURE_PROBLEM_SIZE];
};

/* Reads nothing yet. capture_close gives the memory back, also after an error. */
void capture_open(struct capture_reader *reader, struct capture_source source);

/*
 * The next frame. Anything but CAPTURE_OK is final and is returned again by later calls;
 * reader->problem then says what was wrong where, in one line ("" for CAPTURE_END).
 */
enum capture_status capture_next(struct capture_reader *reader, struct capture_frame *out_frame);

void capture_close(struct capture_reader *reader);

#endif
