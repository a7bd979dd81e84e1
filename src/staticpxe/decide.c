#include "decide.h"

#include <string.h>

/* Who asks, as rules see it. */
static struct asker asker_of(const struct answer_request *request)
{
    const PXE_ADDRESS *local = &request->local;
    struct asker asker = {.facts = &request->facts};

    if (local->uAddrLen <= sizeof(asker.ours.bytes)) {
        asker.ours.length = (BYTE)local->uAddrLen;
        memcpy(asker.ours.bytes, local->bAddress, local->uAddrLen);
    }
    return asker;
}

/* Does the section say that the client is not to be answered, or do its options not fit? */
static BOOL is_refused(struct decision *decision, const struct match *match)
{
    struct answer *answer = &decision->answer;

    if (match->ignore) {
        answer->kind = ANSWER_NOBODY;
        answer->reason = L"the configuration says ignore=yes";
    } else if (match->leave) {
        answer->reason = L"the configuration says leave=yes";
    } else if (decision->plan.is_too_much) {
        answer->kind = ANSWER_IMPOSSIBLE;
        answer->reason = L"the options of its sections do not fit into one reply together";
    } else {
        return FALSE;
    }
    return TRUE;
}

/* The item of the menu that it was offered, or NULL. */
static const struct layer *find_chosen(const struct match *match, const struct asker *asker)
{
    const struct client_facts *facts = asker->facts;
    const struct menu *menu = facts->has_boot_item ? match_menu(match) : NULL;
    const struct menu_item *item =
        menu == NULL ? NULL : menu_find_item(menu, facts->boot_item_type);

    return item == NULL ? NULL : item->group;
}

/* Puts together what the sections of the client say. FALSE: it is not answered. */
static BOOL make_plan(struct decision *decision, const struct static_config *config,
                      const struct asker *asker, struct match *match, BOOL is_spent)
{
    const struct layer *preferred = find_chosen(match, asker);

    if (match->section == NULL) {
        decision->answer.reason = L"no section of the configuration is for it";
        return FALSE;
    }
    match_plan(match, asker, &decision->plan);
    if (is_refused(decision, match))
        return FALSE;
    if (is_spent) {
        preferred = decision->plan.then;
        decision->answer.reason = L"has had its boots; left to the next provider";
        if (preferred == NULL)
            return FALSE;
    }
    if (preferred == NULL)
        return TRUE;
    match_prefer(config, preferred, match);
    match_plan(match, asker, &decision->plan);
    return !is_refused(decision, match);
}

static BOOL has_server(const struct layer *layer)
{
    static const BYTE unset[4];

    if (memcmp(layer->next_server, unset, sizeof(unset)) != 0)
        return TRUE;
    for (uint32_t i = 0; i < layer->use.count; ++i) {
        if (memcmp(layer->use.items[i]->next_server, unset, sizeof(unset)) != 0)
            return TRUE;
    }
    return FALSE;
}

/* Has an item of the menu a next_server, of its own or from the client's sections? */
static BOOL leads_away(const struct boot_plan *plan)
{
    static const BYTE unset[4];

    if (plan->menu == NULL)
        return FALSE;
    if (memcmp(plan->next_server, unset, sizeof(unset)) != 0)
        return TRUE;
    for (uint32_t i = 0; i < plan->menu->item_count; ++i) {
        if (plan->menu->items[i].group != NULL && has_server(plan->menu->items[i].group))
            return TRUE;
    }
    return FALSE;
}

static struct answer_plan plan_of(const struct boot_plan *from)
{
    struct answer_plan plan = {
        .file = from->file,
        .ipxe_file = from->ipxe_file,
        .url = from->url,
        .http_url = from->http_url,
        .server_name = from->server_name,
        .file_in_offer = from->file_in_offer,
        .menu = from->menu,
        .menu_leads_away = leads_away(from),
        .options = {from->options, from->options_length},
        .options6 = {from->options6, from->options6_length},
        .boot_params = from->boot_params,
    };

    memcpy(plan.next_server, from->next_server, sizeof(plan.next_server));
    memcpy(plan.next_server6, from->next_server6, sizeof(plan.next_server6));
    return plan;
}

/* For counting its boots. */
static void name_boot(struct decision *decision, const struct answer_request *request)
{
    const struct client_facts *facts = &request->facts;

    decision->has_key = journal_key(facts, decision->key);
    decision->xid = facts->is_ipv6 ? facts->transaction
                                   : ((const PXE_DHCP_MESSAGE *)request->packet)->TransactionID;
    decision->step = decision->answer.is_first ? BOOT_SEARCH
                     : facts->has_boot_item    ? BOOT_CHOOSE
                                               : BOOT_ASK;
}

void decide(const struct static_config *config, const struct answer_request *request, BOOL is_spent,
            struct decision *out)
{
    struct asker asker = asker_of(request);
    struct answer_plan plan;
    struct match match;

    memset(out, 0, sizeof(*out));
    out->answer.kind = ANSWER_NOT_MINE;
    out->answer.reason = request->reason;
    if (!request->is_message)
        return;
    config_match(config, &asker, &match);
    if (request->facts.boot == FACTS_BOOT_OTHER && match.section == NULL) {
        out->answer.reason = L"does not boot from the network: neither PXEClient nor HTTPClient";
        return;
    }
    if (request->type == 0 || !make_plan(out, config, &asker, &match, is_spent))
        return;
    plan = plan_of(&out->plan);
    answer_decide(request, &plan, &out->answer);
    name_boot(out, request);
}
