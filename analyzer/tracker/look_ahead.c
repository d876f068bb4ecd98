#include "analyzer/tracker/look_ahead.h"

#include "analyzer/tracker/tracker_state.h"
#include "base/prefetch.h"

/* An event that posts or ends. */
struct ahead {
    struct match_end shown;
    struct tracked_op *op; /* the operation that it probably ends, or NULL */
    bool ends;
};

static void show(const struct etl_event *event, const struct afd_event *afd,
                 const struct afd_action *action, struct ahead *ahead)
{
    ahead->shown = (struct match_end){.process = afd->process,
                                      .endpoint = afd->endpoint,
                                      .buffer = afd->buffer,
                                      .activity = event->activity,
                                      .family = afd->layout->family,
                                      .direction = action->direction,
                                      .names_request = action->names_request};
    ahead->op = NULL;
    ahead->ends = action->act == AFD_ACT_END;
}

/* An event in between may end the operation: what it points to is only asked for, never read. */
static void reach(const struct tracked_op *op)
{
    prefetch_item(op, sizeof *op);
}

void tracker_look_ahead(const struct tracker *tracker, const struct etl_event *events,
                        const struct afd_event *afd, const struct afd_action *actions,
                        const int8_t *statuses, size_t count)
{
    struct ahead aheads[LOOK_AHEAD_MAX];
    size_t taken = 0;

    for (size_t i = 0; i < count; i++) {
        if (statuses[i] == AFD_DECODE_OK) {
            show(&events[i], &afd[i], &actions[i], &aheads[taken]);
            endpoint_table_prefetch(&tracker->endpoints, afd[i].endpoint);
            matching_prefetch(&tracker->matching, &aheads[taken].shown);
            taken++;
        }
    }
    for (size_t i = 0; i < taken; i++) {
        if (aheads[i].ends) {
            aheads[i].op = matching_likely(&tracker->matching, &aheads[i].shown);
            reach(aheads[i].op);
        }
    }
    for (size_t i = 0; i < taken; i++) {
        if (aheads[i].op != NULL) {
            interval_prefetch(&aheads[i].op->memory);
        }
    }
}
