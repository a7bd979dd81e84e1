/* At the door: a request that can be understood becomes a valid one before anybody looks at it. */
#ifndef ENGINE_REPAIR_H
#define ENGINE_REPAIR_H

struct request;

/*
 * Repairs the received bytes (dhcp4_repair, dhcp6_repair), counts it and logs what was done. Does
 * nothing to a valid request, to one that cannot be understood, and where the policy is strict.
 * Called once, before the request is classified.
 */
void request_repair(struct request *request);

#endif
