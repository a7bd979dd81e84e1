/*
 * libkea-dhcp++: takes a packet apart into objects and hands those out. What a user of the library
 * writes for each operation, with nothing kept between two packets.
 */
#include <dhcp/dhcp6.h>
#include <dhcp/option.h>
#include <dhcp/pkt4.h>
#include <dhcp/pkt6.h>

#include <stdexcept>

#include "contestant.h"
#include "outcome.h"

using isc::dhcp::Option;
using isc::dhcp::OptionBuffer;
using isc::dhcp::OptionPtr;
using isc::dhcp::Pkt4;
using isc::dhcp::Pkt4Ptr;
using isc::dhcp::Pkt6;
using isc::dhcp::Pkt6Ptr;

namespace
{

const unsigned char PXE_CLIENT[] = {'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n', 't'};

Pkt4Ptr unpack4(const task *task)
{
    Pkt4Ptr packet(new Pkt4(task->packet, task->length));
    packet->unpack();
    return packet;
}

Pkt6Ptr unpack6(const task *task)
{
    Pkt6Ptr packet(new Pkt6(task->packet, static_cast<uint32_t>(task->length)));
    packet->unpack();
    return packet;
}

bool starts_with_pxe_client(const uint8_t *bytes, size_t length)
{
    return length >= sizeof(PXE_CLIENT) && memcmp(bytes, PXE_CLIENT, sizeof(PXE_CLIENT)) == 0;
}

void put_option(outcome *outcome, const OptionPtr &option)
{
    if (!option) {
        outcome_none(outcome);
        return;
    }
    OptionBuffer value = option->toBinary();
    outcome_value(outcome, value.data(), value.size());
}

void find4(const task *task, size_t times, outcome *outcome)
{
    OptionPtr option;

    for (size_t i = 0; i < times; i++)
        option = unpack4(task)->getOption(task->code);
    put_option(outcome, option);
}

void check4(const task *task, size_t times, outcome *outcome)
{
    OptionPtr option;

    for (size_t i = 0; i < times; i++)
        option = unpack4(task)->getOption(60);
    OptionBuffer value = option ? option->toBinary() : OptionBuffer();
    outcome_check(outcome, true, starts_with_pxe_client(value.data(), value.size()));
}

Pkt4Ptr offer_build(const task *task, const Pkt4Ptr &request)
{
    Pkt4Ptr offer(new Pkt4(isc::dhcp::DHCPOFFER, request->getTransid()));

    offer->setHWAddr(request->getHWAddr());
    offer->setSecs(request->getSecs());
    offer->setCiaddr(request->getCiaddr());
    offer->setGiaddr(request->getGiaddr());
    for (size_t i = 0; i < task->option_count; i++) {
        const offer_option &from = task->options[i];
        if (from.code == 53) /* the constructor has added it */
            continue;
        offer->addOption(OptionPtr(new Option(Option::V4, from.code,
                                              OptionBuffer(from.value, from.value + from.length))));
    }
    offer->pack();
    return offer;
}

void offer4(const task *task, size_t times, outcome *outcome)
{
    Pkt4Ptr request = unpack4(task);
    Pkt4Ptr offer;

    for (size_t i = 0; i < times; i++)
        offer = offer_build(task, request);
    outcome_packet(outcome, offer->getBuffer().getData(), offer->getBuffer().getLength());
}

void find6(const task *task, size_t times, outcome *outcome)
{
    OptionPtr option;

    for (size_t i = 0; i < times; i++)
        option = unpack6(task)->getOption(task->code);
    put_option(outcome, option);
}

void check6(const task *task, size_t times, outcome *outcome)
{
    OptionPtr option;

    for (size_t i = 0; i < times; i++)
        option = unpack6(task)->getOption(16);
    OptionBuffer value = option ? option->toBinary() : OptionBuffer();
    outcome_check(outcome, true,
                  value.size() > 6 && starts_with_pxe_client(value.data() + 6, value.size() - 6));
}

void parse_relay6(const task *task, size_t times, outcome *outcome)
{
    Pkt6Ptr packet;

    for (size_t i = 0; i < times; i++)
        packet = unpack6(task);
    outcome_start(outcome);
    outcome_put_number(outcome, packet->relay_info_.size());
    for (size_t i = 0; i < packet->relay_info_.size(); i++) {
        OptionPtr id = packet->getRelayOption(D6O_INTERFACE_ID, static_cast<uint8_t>(i));
        OptionBuffer value = id ? id->toBinary() : OptionBuffer();
        outcome_put_value(outcome, value.data(), value.size());
    }
    /* The message inside as bytes: it is where the packet ends. */
    size_t inner = 4;
    for (const auto &option : packet->options_)
        inner += option.second->len();
    outcome_put(outcome, task->packet + task->length - inner, inner);
}

/* The answer's options are added as they are: Kea has no way to wrap bytes. */
Pkt6Ptr relay_build(const task *task, const Pkt6Ptr &request)
{
    const uint8_t *inner = task->inner;
    uint32_t id = static_cast<uint32_t>(inner[1] << 16 | inner[2] << 8 | inner[3]);
    Pkt6Ptr reply(new Pkt6(inner[0], id));

    for (size_t at = 4; at < task->inner_length;) {
        const uint8_t *option = inner + at;
        size_t length = static_cast<size_t>(option[2] << 8 | option[3]);
        reply->addOption(OptionPtr(new Option(Option::V6,
                                              static_cast<uint16_t>(option[0] << 8 | option[1]),
                                              OptionBuffer(option + 4, option + 4 + length))));
        at += 4 + length;
    }
    reply->copyRelayInfo(request);
    reply->pack();
    return reply;
}

void create_relay6(const task *task, size_t times, outcome *outcome)
{
    Pkt6Ptr request = unpack6(task);
    Pkt6Ptr reply;

    for (size_t i = 0; i < times; i++)
        reply = relay_build(task, request);
    outcome_packet(outcome, reply->getBuffer().getData(), reply->getBuffer().getLength());
}

/* What it refuses it throws for. */
template <run_function function> void guarded(const task *task, size_t times, outcome *outcome)
{
    try {
        function(task, times, outcome);
    } catch (const std::exception &) {
        outcome_none(outcome);
    }
}

} // namespace

const contestant contestant_kea = {
    "libkea",
    {guarded<find4>, guarded<check4>, guarded<offer4>, guarded<find6>, guarded<check6>,
     guarded<parse_relay6>, guarded<create_relay6>},
};
