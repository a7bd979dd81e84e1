#include "trust.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1024 * 1024)

struct trust {
    HCERTSTORE roots;
};

/* ---- reading ---- */

static DWORD read_all(LPCWSTR path, char **out)
{
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                              FILE_ATTRIBUTE_NORMAL, NULL);
    DWORD size = 0;
    DWORD error = ERROR_SUCCESS;
    char *text = file == INVALID_HANDLE_VALUE ? NULL : malloc(FILE_MAX + 1);

    if (file == INVALID_HANDLE_VALUE)
        return GetLastError();
    if (text == NULL)
        error = ERROR_NOT_ENOUGH_MEMORY;
    else if (!ReadFile(file, text, FILE_MAX, &size, NULL))
        error = GetLastError();
    CloseHandle(file);
    if (error != ERROR_SUCCESS) {
        free(text);
        return error;
    }
    text[size] = '\0';
    *out = text;
    return ERROR_SUCCESS;
}

/* One "-----BEGIN CERTIFICATE-----" at `begin`; FALSE: it is none. */
static BOOL add_certificate(HCERTSTORE store, const char *begin, DWORD length)
{
    DWORD size = 0;
    BYTE *bytes;
    BOOL is_added;

    if (!CryptStringToBinaryA(begin, length, CRYPT_STRING_BASE64HEADER, NULL, &size, NULL, NULL))
        return FALSE;
    bytes = malloc(size);
    if (bytes == NULL)
        return FALSE;
    is_added =
        CryptStringToBinaryA(begin, length, CRYPT_STRING_BASE64HEADER, bytes, &size, NULL, NULL) &&
        CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, bytes, size,
                                         CERT_STORE_ADD_ALWAYS, NULL);
    free(bytes);
    return is_added;
}

static DWORD add_all(HCERTSTORE store, const char *text)
{
    static const char head[] = "-----BEGIN CERTIFICATE-----";
    static const char foot[] = "-----END CERTIFICATE-----";
    ULONG count = 0;
    const char *end;

    for (; (text = strstr(text, head)) != NULL; text = end) {
        end = strstr(text, foot);
        if (end == NULL)
            return ERROR_INVALID_DATA;
        end += sizeof(foot) - 1;
        if (!add_certificate(store, text, (DWORD)(end - text)))
            return ERROR_INVALID_DATA;
        ++count;
    }
    return count > 0 ? ERROR_SUCCESS : ERROR_INVALID_DATA;
}

DWORD trust_open(LPCWSTR path, struct trust **out)
{
    struct trust *trust = calloc(1, sizeof(*trust));
    char *text = NULL;
    DWORD error = trust == NULL ? ERROR_NOT_ENOUGH_MEMORY : read_all(path, &text);

    if (error == ERROR_SUCCESS) {
        trust->roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
        error = trust->roots == NULL ? GetLastError() : add_all(trust->roots, text);
    }
    free(text);
    if (error != ERROR_SUCCESS) {
        trust_close(trust);
        return error;
    }
    *out = trust;
    return ERROR_SUCCESS;
}

void trust_close(struct trust *trust)
{
    if (trust != NULL && trust->roots != NULL)
        CertCloseStore(trust->roots, 0);
    free(trust);
}

/* ---- checking ---- */

static BOOL is_of_file(const struct trust *trust, const CERT_CONTEXT *certificate)
{
    const CERT_CONTEXT *found = CertFindCertificateInStore(trust->roots, X509_ASN_ENCODING, 0,
                                                           CERT_FIND_EXISTING, certificate, NULL);

    if (found != NULL)
        CertFreeCertificateContext(found);
    return found != NULL;
}

/* All is well but the root, which Windows does not know and the file has. */
static BOOL ends_at_file(const struct trust *trust, const CERT_CHAIN_CONTEXT *chain)
{
    const DWORD unknown_root = CERT_TRUST_IS_UNTRUSTED_ROOT;
    const CERT_SIMPLE_CHAIN *simple = chain->cChain == 1 ? chain->rgpChain[0] : NULL;

    return simple != NULL && simple->cElement > 0 &&
           (chain->TrustStatus.dwErrorStatus & ~unknown_root) == 0 &&
           is_of_file(trust, simple->rgpElement[simple->cElement - 1]->pCertContext);
}

BOOL trust_holds(const struct trust *trust, const CERT_CONTEXT *certificate)
{
    static char server_use[] = szOID_PKIX_KP_SERVER_AUTH;
    LPSTR uses[] = {server_use};
    CERT_CHAIN_PARA wanted = {.cbSize = sizeof(wanted)};
    const CERT_CHAIN_CONTEXT *chain;
    BOOL holds;

    wanted.RequestedUsage.dwType = USAGE_MATCH_TYPE_AND;
    wanted.RequestedUsage.Usage.cUsageIdentifier = 1;
    wanted.RequestedUsage.Usage.rgpszUsageIdentifier = uses;
    if (!CertGetCertificateChain(NULL, certificate, NULL, trust->roots, &wanted, 0, NULL, &chain))
        return FALSE;
    holds = ends_at_file(trust, chain);
    CertFreeCertificateChain(chain);
    return holds;
}
