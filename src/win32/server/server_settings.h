/*
 * The registry's settings as a running server has them: read when it starts, told about in the log,
 * handed to the network and the engine, and followed where they are live.
 */
#ifndef WIN32_SERVER_SERVER_SETTINGS_H
#define WIN32_SERVER_SERVER_SETTINGS_H

#include <windows.h>

#include "engine/policy.h"
#include "registry/settings.h"
#include "net/net.h"

struct delay_queue;
struct settings_watch;

struct server_settings {
    struct settings values;
    struct policy policy;       /* for the engine; its lists are those of values */
    struct delay_queue *delays; /* NULL: nothing waits */
    struct settings_watch *watch;
    struct net *net; /* to bind anew */
};

/* What counts for a server without a network: the defaults, and nothing of the registry. */
void server_settings_ignore(struct server_settings *settings);

/* Reads them all and tells what is wrong. ERROR_INVALID_DATA: a value without which the server does
 * not start; codes of the registry. On failure there is nothing to free. */
DWORD server_settings_load(struct server_settings *settings);

/* The engine's port for what waits; without effect if nothing does. */
struct delay_port server_settings_delay_port(struct server_settings *settings);

/* Binds the network anew when BindPolicy or BindInterfaces change, until _unfollow. */
void server_settings_follow(struct server_settings *settings, struct net *net);
void server_settings_unfollow(struct server_settings *settings);

/* Ends what waits, frees the lists. Network and engine must have stopped. */
void server_settings_free(struct server_settings *settings);

#endif
