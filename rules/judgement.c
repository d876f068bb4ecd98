/* SPDX-License-Identifier: Apache-2.0 */

#include "rules/judgement.h"

void judgements_init(struct judgements *judgements, const enum rule_level *severity)
{
    for (unsigned bits = 0; bits < PAIR_KINDS; bits++) {
        const struct rule_pair pair = {.first_is_send = !(bits & PAIR_FIRST_RECV),
                                       .second_is_send = !(bits & PAIR_SECOND_RECV),
                                       .kernel_address = bits & PAIR_KERNEL,
                                       .modern = bits & PAIR_MODERN,
                                       .same_endpoint = bits & PAIR_SAME_ENDPOINT,
                                       .second_is_datagram = bits & PAIR_SECOND_DATAGRAM,
                                       .first_buffer_only = bits & PAIR_FIRST_BUFFER_ONLY};
        const struct rule *rule = rules_judge(&pair);
        size_t index = rules_index(rule);
        enum rule_level level =
            severity != NULL && severity[index] ? severity[index] : rule->severity(&pair);

        judgements->of[bits] = (struct judgement){(uint8_t)index, (uint8_t)level};
    }
}
