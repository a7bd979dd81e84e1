/* The version of this program as a wide string: WIDEN(WDSPXE_VERSION). */
#ifndef WDSPXECTL_CLI_VERSION_H
#define WDSPXECTL_CLI_VERSION_H

#ifndef WDSPXE_VERSION
#define WDSPXE_VERSION "0.0.0"
#endif
#define WIDEN_AGAIN(string) L##string
#define WIDEN(string) WIDEN_AGAIN(string)

#endif
