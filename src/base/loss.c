#include "base/loss.h"

bool loss_may_try(struct loss *loss, uint64_t now)
{
    if (loss->lost == 0 || now >= loss->retry)
        return true;
    loss->lost++;
    return false;
}

static uint32_t next_pause(const struct loss *loss)
{
    if (loss->pause == 0)
        return LOSS_PAUSE_MIN;
    return loss->pause < LOSS_PAUSE_MAX / 2 ? loss->pause * 2 : LOSS_PAUSE_MAX;
}

enum loss_news loss_tried(struct loss *loss, bool is_written, uint64_t now, uint64_t *out_lost)
{
    const bool worked = loss->lost == 0;

    *out_lost = 0;
    if (is_written) {
        if (worked)
            return LOSS_NO_NEWS;
        *out_lost = loss->lost;
        loss->lost = 0;
        loss->worked = now;
        return LOSS_ENDS;
    }
    if (worked && now - loss->worked >= LOSS_CALM)
        loss->pause = 0;
    loss->pause = next_pause(loss);
    loss->retry = now + loss->pause;
    loss->lost++;
    return worked ? LOSS_BEGINS : LOSS_NO_NEWS;
}
