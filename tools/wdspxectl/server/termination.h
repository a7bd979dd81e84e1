/*
 * SIGTERM under Wine, of which Windows' programs are not told: it ends them where they are. With
 * the native half beside the program it is told.
 */
#ifndef WDSPXECTL_SERVER_TERMINATION_H
#define WDSPXECTL_SERVER_TERMINATION_H

/*
 * Calls `come` on a thread of its own when the first SIGTERM has come; the second one ends the
 * process at once. Without the native half (not under Wine, a 32-bit program, not beside the
 * program) nothing changes.
 */
void termination_watch(void (*come)(void));

#endif
