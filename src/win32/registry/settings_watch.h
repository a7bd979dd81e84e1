/* Tells when the server's key of the registry has changed. */
#ifndef WIN32_REGISTRY_SETTINGS_WATCH_H
#define WIN32_REGISTRY_SETTINGS_WATCH_H

struct settings_watch;

/* Calls `changed` on a thread of its own: at the beginning, and after each change, once for changes
 * that come together. NULL: no thread, nothing is watched. */
struct settings_watch *settings_watch_start(void (*changed)(void *context), void *context);

/* On return `changed` is not called any more. NULL is allowed. Not from inside `changed`. */
void settings_watch_stop(struct settings_watch *watch);

#endif
