/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_FORMAT_H
#define PARSERS_ETL_ETL_FORMAT_H

/*
 * The .etl format on disk: offsets, sizes, flags and our caps. All integers are little-endian.
 * The tag after each value says where the knowledge is from:
 *   [OBS]   seen on real captures        [NTWMI] public copies of ntwmi.h
 *   [GC]    Geoff Chappell's studies     [MS]    Microsoft's documentation
 *   [XCA]   MS-XCA                       [INF]   inferred, not checked on bytes
 *   [OURS]  a limit that we set
 */

/* Trace buffer header, WMI_BUFFER_HEADER [NTWMI, GC, OBS] */
#define ETL_BUFFER_HEADER_LEN 0x48
#define ETL_BUFFER_SIZE_AT 0x00         /* u32: bytes on disk [OBS] */
#define ETL_BUFFER_SAVED_OFFSET_AT 0x04 /* u32: used bytes, unreliable in the first one [OBS] */
#define ETL_BUFFER_SEQUENCE_AT 0x18     /* i64: counts allocations from 1 [OBS] */
#define ETL_BUFFER_PROCESSOR_AT 0x28    /* u8, or u16 under ETL_BUFFER_WIDE_PROCESSOR [OBS, GC] */
#define ETL_BUFFER_STATE_AT 0x2C        /* u32: in the first one of a relog the codec [OBS] */
#define ETL_BUFFER_USED_AT 0x30         /* u32: used bytes with this header [OBS, MS] */
#define ETL_BUFFER_FLAGS_AT 0x34        /* u16 */
#define ETL_BUFFER_TYPE_AT 0x36         /* u16 */

/* BufferFlag [NTWMI] */
#define ETL_BUFFER_FLUSH_MARKER 0x0001u
#define ETL_BUFFER_EVENTS_LOST 0x0002u
#define ETL_BUFFER_BUFFER_LOST 0x0004u
#define ETL_BUFFER_WIDE_PROCESSOR 0x0020u
#define ETL_BUFFER_COMPRESSED 0x0040u
#define ETL_BUFFER_FLAGS_KNOWN 0x007Fu

/* BufferType [NTWMI] */
#define ETL_BUFFER_TYPE_REFTIME 3
#define ETL_BUFFER_TYPE_HEADER 4
#define ETL_BUFFER_TYPE_EMPTY_MARKER 6
#define ETL_BUFFER_TYPE_DBG_INFO 7
#define ETL_BUFFER_TYPE_LAST 7

/* The first trace buffer's low 16 bits of State where LogFileMode says compressed [OBS] */
#define ETL_CODEC_NONE 0
#define ETL_CODEC_XPRESS 3

/* Records [NTWMI, GC, OBS] */
#define ETL_RECORD_ALIGN 8
#define ETL_RECORD_HEAD_LEN 8       /* the least that a record has: marker and, of some, the size */
#define ETL_RECORD_LEN_MAX 0xFFFFu  /* size is u16 */
#define ETL_MARKER_FILL 0xFFFFFFFFu /* the unused rest of a trace buffer [OBS] */
#define ETL_MARKER_ZERO 0u          /* a rest that was never written [INF] */

/* Log-file header record: SYSTEM header, then TRACE_LOGFILE_HEADER [GC, OBS] */
#define ETL_SYSTEM_HEADER_LEN 0x20
#define ETL_LOGFILE_HEADER_LEN_32 0x110
#define ETL_LOGFILE_HEADER_LEN_64 0x118

/* Hook ids of group 00 that we read [GC, OBS] */
#define ETL_HOOK_LOGFILE_HEADER 0x0000
#define ETL_HOOK_LAST_DROPPED 0x0052 /* u64 count, then a raw clock value each processor [OBS] */

/* LogFileMode, bits [MS, NTWMI] */
#define ETL_MODE_CIRCULAR 0x00000002u
#define ETL_MODE_APPEND 0x00000004u
#define ETL_MODE_NEWFILE 0x00000008u
#define ETL_MODE_COMPRESSED 0x04000000u

/* Limits */
#define ETL_BUFFER_SIZE_MAX (64u << 20)    /* [OURS] Windows stops at 16 MiB [NTWMI] */
#define ETL_BUFFER_SIZE_MIN_NOMINAL 0x400u /* 1 KB [NTWMI]; what resynchronising steps by */
#define ETL_FIRST_BUFFER_SIZE_MIN 0x100u   /* relogs shrink it to 0x200 [OBS] */
/* [OURS] claim of a compressed trace buffer: 16 MiB [NTWMI], and some slack */
#define ETL_DECODED_MAX (17u << 20)
#define ETL_DECODED_RATIO_MAX 4096u  /* [OURS] 16 MiB from 4 KiB; keeps time linear in the file */
#define ETL_DECODED_FREE (64u << 10) /* [OURS] whatever the ratio */
/* The processor index has 11 bits [NTWMI]. One more stream takes all higher numbers. */
#define ETL_PROCESSOR_STREAMS 0x800
#define ETL_SESSIONS_MAX 4096  /* [OURS] of an appended file; real ones have a few */
#define ETL_INPUTS_MAX 0xFFFFu /* [OURS] an index entry has 16 bits for it */

/* Memory. Windows and stores start small, so that thousands of processors with small records take
 * little. They grow where a record needs it, to little more than 64 KiB. */
#define ETL_WINDOW_SHARED_LEN (256u << 10) /* fits a second-level cache [OURS] */
#define ETL_WINDOW_PRIVATE_LEN (24u << 10) /* LZ77 history of 8 KiB [XCA], most records [OURS] */
#define ETL_WINDOW_PROGRESS_MIN (8u << 10) /* room that a window makes for each fill [OURS] */
#define ETL_STORE_MIN (16u << 10)          /* [OURS] */
#define ETL_WINDOW_MIN (ETL_WINDOW_PRIVATE_LEN + ETL_WINDOW_PRIVATE_LEN / 4 + ETL_STORE_MIN)

#endif
