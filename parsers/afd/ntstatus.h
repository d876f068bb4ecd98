/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_AFD_NTSTATUS_H
#define PARSERS_AFD_NTSTATUS_H

#include <stdint.h>

#define NTSTATUS_PENDING UINT32_C(0x103)
#define NTSTATUS_ERROR_MIN UINT32_C(0xC0000000)

/* The name of a status ("STATUS_CANCELLED"), or NULL where no name is known. Static. */
const char *ntstatus_name(uint32_t status);

#endif
