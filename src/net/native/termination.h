/* SIGTERM, for a program that otherwise hears of Windows' events only (half.h). */
#ifndef NET_NATIVE_TERMINATION_H
#define NET_NATIVE_TERMINATION_H

#include <stdint.h>

int32_t termination_catch(void *arguments);
int32_t termination_wait(void *arguments);

#endif
