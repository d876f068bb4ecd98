/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_RARE_H
#define BASE_RARE_H

/* Marks a function that code which runs for every event calls seldom, such as one that allocates.
 * The compiler keeps it out of that code, which then has fewer registers to save. */
#if defined(__GNUC__)
#define RARE __attribute__((noinline, cold))
#else
#define RARE
#endif

#endif
