/*
 * Registry files (.reg) as Windows writes them since version 5.00: read from UTF-16 with a mark or
 * from UTF-8, written as lines of text. Whatever stands in a file is looked at to its last
 * character; a file that is not understood in whole is not used in part.
 */
#ifndef WDSPXECTL_CONFIG_REG_FILE_H
#define WDSPXECTL_CONFIG_REG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>

#include "text/text.h"

/* What one line says: about a value, or that a key is to be deleted. */
struct reg_item {
    size_t line;        /* where it begins, from 1 */
    const char *key;    /* as written: "HKEY_LOCAL_MACHINE\\SYSTEM\\..." */
    bool deletes_key;   /* then nothing below counts */
    const char *name;   /* "" is the key's default value */
    bool deletes_value; /* then nothing below counts */
    DWORD type;
    const uint8_t *bytes;
    size_t size;
};

/* Called for each item in order. False ends the reading: reg_file_read returns false, too. */
typedef bool (*reg_visitor)(const struct reg_item *item, void *context);

/*
 * Reads the bytes of a file. False: the visitor ended it, memory ran out (out_error->failed), or
 * the file is none that can be read, and out_error says why and in which line. Items before the
 * mistake have been visited.
 */
bool reg_file_read(const uint8_t *bytes, size_t size, reg_visitor visit, void *context,
                   struct text *out_error);

/* The first lines of a file, the line that begins a key, and the lines of one value. */
void reg_file_put_header(struct text *file);
void reg_file_put_key(struct text *file, const char *key);
void reg_file_put_value(struct text *file, const char *name, DWORD type, const uint8_t *bytes,
                        size_t size);
void reg_file_put_deletion(struct text *file, const char *name);

#endif
