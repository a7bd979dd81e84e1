/*
 * The configuration file: which client gets which boot file. docs/staticpxe.md describes the
 * format; staticpxe.ini.sample is an example.
 *
 * The file is read once. The result lies in read-only memory and has no pointers, so callbacks on
 * any number of threads use it without a lock.
 */
#ifndef STATICPXE_CONFIG_H
#define STATICPXE_CONFIG_H

#include "urls.h"
#include "values.h"
#include "wdspxe.h"

/* Wire bytes of all extra options of one rule; leaves room in a 1024-byte reply for the others. */
#define RULE_OPTIONS_MAX 700

#define RULE_MAC_SIZE 6
#define RULE_GUID_SIZE 16
#define RULE_ARCH_SIZE 2
#define RULE_DUID_MAX VALUE_DUID_MAX
#define RULE_KEY_MAX RULE_DUID_MAX

enum rule_kind { RULE_DEFAULT, RULE_ARCH, RULE_GUID, RULE_DUID, RULE_MAC };

/* One section of the file, with everything it inherits filled in. */
struct boot_rule {
    enum rule_kind kind;
    BYTE key[RULE_KEY_MAX]; /* as on the wire */
    ULONG key_length;
    BOOL ignore;                        /* TRUE: nobody shall answer this client */
    CHAR file[PXE_DHCP_FILE_SIZE];      /* "" = none */
    CHAR ipxe_file[PXE_DHCP_FILE_SIZE]; /* "" = the same file for iPXE */
    CHAR http_url[URL_MAX + 1];         /* for UEFI HTTP boot; "" = none */

    /* IPv4 */
    CHAR server_name[PXE_DHCP_SERVER_SIZE]; /* "" = none */
    BYTE next_server[4];                    /* 0.0.0.0 = the address the request came in on */
    ULONG options_length;
    BYTE options[RULE_OPTIONS_MAX]; /* extra options, ready to append */

    /* IPv6 */
    CHAR url[URL_MAX + 1];        /* "" = made of next_server6 and file */
    BYTE next_server6[IPV6_SIZE]; /* :: = the address the request came in on */
    ULONG boot_params_length;
    BYTE boot_params[VALUE_PARAMS_MAX]; /* value of option 60; empty = none */
};

struct static_config {
    USHORT dhcp_port;   /* host order; any other port is the boot server's */
    USHORT dhcp6_port;  /* the same for IPv6 */
    BOOL file_in_offer; /* TRUE: the first reply says everything that the second says */
    ULONG rule_count;
    struct boot_rule rules[];
};

/*
 * Reads the file at `path` (absolute).
 *   hProvider   for the trace: each error names file, section, key and what to do
 *   out_config  the configuration, released with config_free
 * Errors: ERROR_FILE_NOT_FOUND (no such file), ERROR_INVALID_DATA (something in it is wrong),
 *   ERROR_NOT_ENOUGH_MEMORY, or the code of opening or reading the file.
 */
DWORD config_load(HANDLE hProvider, LPCWSTR path, const struct static_config **out_config);

/* NULL is fine. */
void config_free(const struct static_config *config);

/*
 * The rule with this key, or NULL. The kind tells the key's length; RULE_DEFAULT has none. For
 * RULE_DUID use config_find_duid.
 */
const struct boot_rule *config_find(const struct static_config *config, enum rule_kind kind,
                                    const BYTE *key);

const struct boot_rule *config_find_duid(const struct static_config *config, const BYTE *duid,
                                         ULONG length);

#endif
