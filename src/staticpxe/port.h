/* What reading a configuration needs of the system, as Windows has it. */
#ifndef STATICPXE_PORT_H
#define STATICPXE_PORT_H

#include "rules/port.h"
#include "wdspxe.h"

#define PORT_FILES_MAX 80

/* How a file looked when it was last read. */
struct port_file {
    LPWSTR path;
    ULONGLONG size;
    ULONGLONG written;  /* last write time; 0: it could not be opened */
    ULONGLONG identity; /* another one after an editor renamed a new file over the old */
    ULONGLONG checksum; /* of its bytes */
};

/* Which files were read. Zero to begin with; released with port_files_free. */
struct port_files {
    struct port_file items[PORT_FILES_MAX];
    ULONG count;
};

/* A port that remembers in `files`, which must outlive it. */
struct rules_port windows_port(struct port_files *files);

void port_files_free(struct port_files *files);

/* Does any of them look different from how it was read? */
BOOL port_files_changed(const struct port_files *files);

/* One number for the content of all. */
ULONGLONG port_files_checksum(const struct port_files *files);

/* From UTF-8 and back. Released with free(); NULL: no memory. */
LPWSTR port_wide(const char *text);
char *port_narrow(LPCWSTR text);

#endif
