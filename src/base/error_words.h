/* The words for error codes in messages: nobody should have to look a number up. */
#ifndef BASE_ERROR_WORDS_H
#define BASE_ERROR_WORDS_H

#include <stdint.h>

/*
 * What stands behind a Win32 or Winsock error's number: " (access denied)", or "" for a code that
 * the server and its providers do not come across; a provider may return any. English, static,
 * without allocation: it is used on a request's way. Not FormatMessage's, which are in the system's
 * language between English words, and which what is portable here could not be tested with.
 */
const char *error_words(uint32_t code);

#endif
