/* The version of this program: WDSPXE_VERSION. */
#ifndef WDSPXECTL_CLI_VERSION_H
#define WDSPXECTL_CLI_VERSION_H

#ifndef WDSPXE_VERSION
#define WDSPXE_VERSION "0.0.0"
#endif

#endif
