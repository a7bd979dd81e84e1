#include "engine/log_budget.h"

static const int64_t ONE = 1000000;
static const int64_t MOST = LOG_BUDGET_BURST * INT64_C(1000000);
/* After a flood it is quiet for two seconds, not longer. */
static const int64_t LEAST = -2 * LOG_BUDGET_PER_SECOND * INT64_C(1000000);

void log_budget_fill(struct log_budget *budget, uint64_t now)
{
    budget->left = MOST;
    budget->filled_at = now;
}

static void refill(struct log_budget *budget, uint64_t now)
{
    uint64_t passed = now > budget->filled_at ? now - budget->filled_at : 0;

    budget->filled_at = now;
    if (passed >= (uint64_t)(MOST - LEAST) / LOG_BUDGET_PER_SECOND)
        budget->left = MOST;
    else
        budget->left += (int64_t)passed * LOG_BUDGET_PER_SECOND;
    if (budget->left > MOST)
        budget->left = MOST;
}

bool log_budget_take(struct log_budget *budget, uint64_t now)
{
    refill(budget, now);
    if (budget->left >= ONE) {
        budget->left -= ONE;
        return true;
    }
    budget->left -= ONE / LOG_BUDGET_LEFT_OUT;
    if (budget->left < LEAST)
        budget->left = LEAST;
    return false;
}
