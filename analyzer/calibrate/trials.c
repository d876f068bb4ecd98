/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/calibrate/trials.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WSA_TIMED_OUT = 10060 };

/* All that the judges of beliefs look at. */
struct court {
    struct trials *trials;
    const struct probe_log *log;
    const struct line_up *line_up;
    const struct sightings *sightings;
};

const char *trial_verdict_name(enum trial_verdict verdict)
{
    static const char *const names[] = {"not exercised", "confirmed", "refuted"};

    return names[verdict];
}

bool trials_init(struct trials *trials, const struct probe_log *log)
{
    *trials = (struct trials){0};
    trials->defects = calloc(log->defect_count + 1, sizeof *trials->defects);
    return trials->defects != NULL;
}

void trials_free(struct trials *trials)
{
    free(trials->defects);
    trials->defects = NULL;
}

/* ---- conflicts ---- */

void trials_add_conflict(struct trials *trials, const struct probe_log *log,
                         struct line_up *line_up, const struct conflict *conflict)
{
    const struct lined_call *first = line_up_call_of(line_up, conflict->first);
    const struct lined_call *second = line_up_call_of(line_up, conflict->second);

    if (first == NULL || second == NULL) {
        return;
    }
    for (size_t i = 0; i < log->defect_count; i++) {
        if (first->call == &log->calls[log->defects[i].first] &&
            second->call == &log->calls[log->defects[i].second]) {
            trials->defects[i] = (struct defect_trial){
                .found = true, .confidence = conflict->confidence, .rule = conflict->rule};
            return;
        }
    }
    trials->false_conflicts++;
}

/* ---- saying yes and no ---- */

static void speak(const struct court *court, enum afd_belief_id id, bool pro,
                  const struct lined_call *lined, const struct sighting *sighting)
{
    struct trial *trial = &court->trials->beliefs[id];
    unsigned *count = pro ? &trial->pro : &trial->contra;
    struct trial_record *records = pro ? trial->pro_records : trial->contra_records;

    if (*count < TRIAL_RECORDS_MAX) {
        records[*count] = (struct trial_record){.call = lined != NULL ? lined->call->number : 0,
                                                .offset = sighting != NULL ? sighting->offset : 0};
    }
    ++*count;
}

/* The event that the call began with: its attempt where it has one. */
static const struct sighting *post_of(const struct lined_call *lined)
{
    return lined->attempt != NULL ? lined->attempt : lined->request;
}

/* ---- addresses ---- */

static void judge_addresses(const struct court *court, const struct lined_call *lined)
{
    const struct probe_call *call = lined->call;
    const struct sighting *request = lined->request, *end = lined->end;

    if (call->length == 0) {
        return;
    }
    if (lined->attempt != NULL) {
        speak(court, AFD_BELIEF_ATTEMPT_SHOWS_USER_ADDRESS, lined->attempt->buffer == call->address,
              lined, lined->attempt);
    }
    if (request != NULL && !request->behavior->ex) {
        speak(court, AFD_BELIEF_REQUEST_SHOWS_KERNEL_ADDRESS, request->space == AFD_SPACE_KERNEL,
              lined, request);
    }
    if (request != NULL && end != NULL && !end->behavior->hides_address) {
        speak(court, AFD_BELIEF_END_SHOWS_REQUEST_ADDRESS, end->buffer == request->buffer, lined,
              end);
    }
}

static void judge_buffers(const struct court *court, const struct lined_call *lined)
{
    const struct probe_call *call = lined->call;
    const struct sighting *post = post_of(lined);

    if (call->buffer_count > 1 && post != NULL) {
        bool address = post->space != AFD_SPACE_USER || post->buffer == call->address;
        speak(court, AFD_BELIEF_FIRST_BUFFER_ALL_BYTES,
              address && post->buffer_length == call->length, lined, post);
    }
    const struct sighting *end = lined->request != NULL ? lined->end : lined->attempt_exit;
    if (end != NULL && call->ended && !call->failed && !end->behavior->hides_address &&
        !end->behavior->ex) {
        speak(court, AFD_BELIEF_END_LENGTH_IS_BYTES, end->buffer_length == call->bytes, lined, end);
    }
}

/* ---- ways of a call ---- */

static void judge_attempt(const struct court *court, const struct lined_call *lined)
{
    const struct probe_call *call = lined->call;

    if (lined->attempt == NULL) {
        return;
    }
    if (lined->request != NULL || (!call->pending && call->error != 0)) {
        speak(court, AFD_BELIEF_ATTEMPT_LEAVES_EXIT, lined->attempt_exit != NULL, lined,
              lined->attempt_exit != NULL ? lined->attempt_exit : lined->attempt);
    }
    if (lined->request == NULL) {
        speak(court, AFD_BELIEF_FAST_PATH_NEVER_PENDS, !call->pending, lined, lined->attempt);
    }
}

/* True if another request that was in flight at the same time bears the same ActivityId. */
static bool shares_activity(const struct court *court, const struct lined_call *lined)
{
    for (size_t i = 0; i < court->line_up->count; i++) {
        const struct lined_call *other = &court->line_up->calls[i];

        if (other != lined && other->request != NULL && other->end != NULL &&
            other->request->ticks <= lined->end->ticks &&
            lined->request->ticks <= other->end->ticks &&
            memcmp(&other->request->activity, &lined->request->activity,
                   sizeof other->request->activity) == 0) {
            return true;
        }
    }
    return false;
}

static void judge_request(const struct court *court, const struct lined_call *lined)
{
    if (lined->request == NULL || lined->end == NULL) {
        return;
    }
    bool own = (lined->end_relations & END_BY_ACTIVITY) != 0 && !shares_activity(court, lined);
    speak(court, AFD_BELIEF_ACTIVITY_IS_REQUEST, own, lined, lined->end);
    if (lined->call->ended) {
        speak(court, AFD_BELIEF_END_BEFORE_NOTICE, lined->end->ticks <= lined->call->ended_at,
              lined, lined->end);
    }
}

static void judge_copies(const struct court *court, const struct lined_call *lined)
{
    if (post_of(lined) != NULL) {
        speak(court, AFD_BELIEF_COPIES_ARE_MARKED, lined->enters_on <= 1 && lined->enters_off <= 1,
              lined, post_of(lined));
    }
}

/* ---- ends of another kind ---- */

static bool was_closed(const struct probe_log *log, const struct probe_call *call)
{
    for (size_t i = 0; i < log->step_count; i++) {
        const struct probe_step *step = &log->steps[i];

        if (step->socket == call->socket && strcmp(step->what, "closesocket") == 0 &&
            step->before >= call->after && (!call->ended || step->before < call->ended_at)) {
            return true;
        }
    }
    return false;
}

static void judge_ending(const struct court *court, const struct lined_call *lined)
{
    const struct probe_call *call = lined->call;
    enum afd_belief_id id;

    if (lined->request == NULL || !call->failed) {
        return;
    }
    if (call->cancelled) {
        id = AFD_BELIEF_CANCELLED_LEAVES_END;
    } else if (was_closed(court->log, call)) {
        id = AFD_BELIEF_CLOSED_LEAVES_END;
    } else if (call->blocking && call->error == WSA_TIMED_OUT) {
        id = AFD_BELIEF_TIMED_OUT_LEAVES_END;
    } else if (call->pending) {
        id = AFD_BELIEF_RESET_LEAVES_END;
    } else {
        return;
    }
    speak(court, id, lined->end != NULL, lined, lined->end != NULL ? lined->end : lined->request);
}

/* A call that Winsock refused at once: bufcheck must not follow it on. */
static void judge_refusal(const struct court *court, const struct lined_call *lined)
{
    const struct probe_call *call = lined->call;

    if (call->pending || call->error == 0 || call->error == WSA_TIMED_OUT ||
        post_of(lined) == NULL) {
        return;
    }
    bool gone = lined->op == 0 || lined->op_end == OP_FAILED || lined->op_end == OP_COMPLETED ||
                lined->op_end == OP_RETURNED;
    speak(court, AFD_BELIEF_REFUSED_LEAVES_NOTHING, gone, lined, post_of(lined));
}

static void judge_registered_io(const struct court *court, const struct lined_call *lined)
{
    if (strncmp(lined->call->api, "RIO", 3) == 0 && lined->call->error == 0) {
        speak(court, AFD_BELIEF_REGISTERED_IO_IS_SILENT, post_of(lined) == NULL, lined,
              post_of(lined));
    }
}

/* ---- events and their callers ---- */

/* A post of the call's time and socket that stands in another thread. */
static const struct sighting *foreign_post(const struct court *court,
                                           const struct lined_call *lined)
{
    const struct probe_call *call = lined->call;

    for (size_t i = 0; i < court->sightings->count; i++) {
        const struct sighting *sighting = &court->sightings->items[i];

        if (sighting->ticks > call->after) {
            break;
        }
        if (sighting->ticks >= call->before && !sighting->taken && sighting_is_post(sighting) &&
            sighting->tid != call->tid && lined->endpoint == sighting->endpoint &&
            sighting->direction == (call->is_send ? AFD_SEND : AFD_RECV)) {
            return sighting;
        }
    }
    return NULL;
}

static void judge_caller(const struct court *court, const struct lined_call *lined)
{
    const struct sighting *post = post_of(lined);

    if (post != NULL) {
        speak(court, AFD_BELIEF_ENTER_NAMES_CALLER, post->pid == court->log->pid, lined, post);
    } else if ((post = foreign_post(court, lined)) != NULL) {
        speak(court, AFD_BELIEF_ENTER_NAMES_CALLER, false, lined, post);
    }
}

static void judge_creations(const struct court *court)
{
    for (size_t i = 0; i < court->sightings->count; i++) {
        const struct sighting *sighting = &court->sightings->items[i];

        if (sighting->act == AFD_ACT_CREATE) {
            speak(court, AFD_BELIEF_CREATE_NAMES_PROCESS, sighting->owner_pid == court->log->pid,
                  NULL, sighting);
        }
    }
}

/* ---- ids ---- */

static void judge_rows(const struct court *court)
{
    for (size_t i = 0; i < court->sightings->count; i++) {
        const struct sighting *sighting = &court->sightings->items[i];
        struct row_trial *row = &court->trials->rows[sighting->layout->row];

        if (!sighting->is_copy && (sighting_is_post(sighting) || sighting_is_end(sighting))) {
            row->explained += sighting->taken;
            row->unexplained += !sighting->taken;
        }
    }
    for (size_t i = 0; i < AFD_ROW_COUNT; i++) {
        struct row_trial *row = &court->trials->rows[i];

        row->verdict = row->explained > 0     ? TRIAL_CONFIRMED
                       : row->unexplained > 0 ? TRIAL_REFUTED
                                              : TRIAL_NOT_EXERCISED;
    }
}

/* ---- the row to add ---- */

#define CALIBRATED "calibrated"

bool trial_row(const struct trial *trial, enum afd_belief_id id, uint32_t build,
               char text[TRIAL_ROW_LEN])
{
    const char *name = afd_belief_of(id)->name;
    const char *source = afd_belief_row_of(id, build)->source;
    char id_name[60];
    size_t len = strlen(name);

    if (trial->verdict == TRIAL_NOT_EXERCISED || build == 0 || len >= sizeof id_name ||
        (!trial_is_news(trial) && strncmp(source, CALIBRATED, strlen(CALIBRATED)) == 0)) {
        return false;
    }
    for (size_t i = 0; i <= len; i++) {
        id_name[i] = (char)(name[i] == '-' ? '_' : toupper((unsigned char)name[i]));
    }
    snprintf(text, TRIAL_ROW_LEN,
             "{AFD_BELIEF_%s, %" PRIu32 ", %s, \"" CALIBRATED " on build %" PRIu32 "\"},", id_name,
             build, trial->verdict == TRIAL_CONFIRMED ? "true" : "false", build);
    return true;
}

/* ---- the whole ---- */

static void judge_call(const struct court *court, const struct lined_call *lined)
{
    judge_registered_io(court, lined);
    judge_addresses(court, lined);
    judge_buffers(court, lined);
    judge_attempt(court, lined);
    judge_request(court, lined);
    judge_copies(court, lined);
    judge_ending(court, lined);
    judge_refusal(court, lined);
    judge_caller(court, lined);
}

/* Without loss a single contradiction refutes. Where events were lost, one that is missing may be
 * among them: then more must speak against a belief than for it. */
static enum trial_verdict decide(const struct trial *trial, bool lost)
{
    if (trial->pro + trial->contra == 0) {
        return TRIAL_NOT_EXERCISED;
    }
    return trial->contra > (lost ? trial->pro : 0) ? TRIAL_REFUTED : TRIAL_CONFIRMED;
}

static void count_waiting(const struct court *court)
{
    for (size_t i = 0; i < court->line_up->count; i++) {
        const struct lined_call *lined = &court->line_up->calls[i];
        const struct probe_call *call = lined->call;

        bool visible = lined->op != 0 && lined->op_shows_memory;

        if (call->is_send || call->length == 0 || !call->pending ||
            strncmp(call->api, "RIO", 3) == 0) {
            continue;
        }
        if (strcmp(call->api, "AcceptEx") == 0 || strcmp(call->api, "WSARecvMsg") == 0) {
            court->trials->special++;
            court->trials->special_visible += visible;
        } else {
            court->trials->waiting++;
            court->trials->waiting_visible += visible;
        }
    }
}

void trials_run(struct trials *trials, const struct probe_log *log, const struct line_up *line_up,
                const struct sightings *sightings)
{
    const struct court court = {trials, log, line_up, sightings};

    trials->lost = sightings->info.events_lost > 0 || sightings->info.buffers_lost > 0;
    for (size_t i = 0; i < line_up->count; i++) {
        judge_call(&court, &line_up->calls[i]);
    }
    judge_creations(&court);
    judge_rows(&court);
    count_waiting(&court);
    for (size_t i = 0; i < AFD_BELIEF_COUNT; i++) {
        struct trial *trial = &trials->beliefs[i];

        trial->holds = afd_belief_row_of((enum afd_belief_id)i, sightings->info.os_build)->holds;
        trial->verdict = decide(trial, trials->lost);
        trials->any_refuted |= trial_is_news(trial);
    }
    for (size_t i = 0; i < AFD_ROW_COUNT; i++) {
        trials->any_refuted |= trials->rows[i].verdict == TRIAL_REFUTED;
    }
}
