/* Whether a service is who it says, by certificates of a file instead of Windows' own. */
#ifndef WEBPXE_TRUST_H
#define WEBPXE_TRUST_H

#include <windows.h>

#include <wincrypt.h>

struct trust;

/*
 * Reads a file of certificates in PEM; at most 1 MiB.
 * Errors: ERROR_INVALID_DATA (no certificate in it), or the code of opening or reading it.
 */
DWORD trust_open(LPCWSTR path, struct trust **out);
void trust_close(struct trust *trust);

/* Does the chain of this certificate end at one of the file's? Names and dates are WinHTTP's to
 * check. */
BOOL trust_holds(const struct trust *trust, const CERT_CONTEXT *certificate);

#endif
