# SPDX-License-Identifier: Apache-2.0
"""A second reader of trace files, written from the format's description alone: trace buffers,
records, their times and processors. No compression. It refuses what a finished file does not have.
"""

import struct

HEADER = 0x48
FLUSH_MARKER, EVENTS_LOST, BUFFER_LOST, WIDE = 1, 2, 4, 0x20
# Header type: offset of the size, of the time, of the fixed part's end.
TYPES = {0x01: (4, 0x10, 0x20), 0x02: (4, 0x10, 0x20), 0x03: (4, 0x10, 0x18), 0x04: (4, 0x10, 0x18),
         0x0A: (0, 0x10, 0x30), 0x14: (0, 0x10, 0x30), 0x0B: (0, 0x10, 0x48), 0x15: (0, 0x10, 0x48),
         0x10: (4, 0x08, 0x10), 0x11: (4, 0x08, 0x10), 0x12: (0, 0x10, 0x50), 0x13: (0, 0x10, 0x50)}


class Broken(Exception):
    pass


class Buffer:
    def __init__(self, data, offset):
        if len(data) - offset < HEADER:
            raise Broken(f"{len(data) - offset} bytes at {offset} hold no trace buffer header")
        self.size, = struct.unpack_from("<I", data, offset)
        self.sequence, = struct.unpack_from("<q", data, offset + 0x18)
        self.used, self.flags, self.type = struct.unpack_from("<IHH", data, offset + 0x30)
        processor, = struct.unpack_from("<H", data, offset + 0x28)
        self.processor = processor if self.flags & WIDE else processor & 0xFF
        if not HEADER <= self.used <= self.size or self.size > len(data) - offset:
            raise Broken(f"trace buffer at {offset}: size {self.size}, used {self.used}")
        self.bytes = data[offset:offset + self.size]
        if set(self.bytes[self.used:]) - {0xFF}:
            raise Broken(f"trace buffer at {offset}: the fill is not 0xFF")

    def records(self):
        at = HEADER
        while at < self.used:
            marker, = struct.unpack_from("<I", self.bytes, at)
            kind = marker >> 16 & 0xFF
            if not marker >> 31:
                raise Broken(f"record at {at}: marker {marker:#x}")
            known = marker >> 24 == 0xC0 and kind in TYPES
            size_at, time_at, fixed = TYPES[kind] if known else (0, None, 8)
            size, = struct.unpack_from("<H", self.bytes, at + size_at)
            if size < fixed or at + size > self.used:
                raise Broken(f"record at {at}: size {size}")
            ticks = struct.unpack_from("<q", self.bytes, at + time_at)[0] if known else None
            yield kind, ticks, self.bytes[at:at + size]
            at += size + 7 & ~7


class Trace:
    def __init__(self, path):
        data = path.read_bytes()
        self.buffers, offset = [], 0
        while offset < len(data):
            self.buffers.append(Buffer(data, offset))
            offset += self.buffers[-1].size
        first = next(self.buffers[0].records())
        if self.buffers[0].type != 4 or struct.unpack_from("<H", first[2], 6)[0] != 0:
            raise Broken("no log-file header")
        payload = first[2][0x20:]
        self.buffer_size, = struct.unpack_from("<I", payload, 0)
        self.mode, self.buffers_written = struct.unpack_from("<II", payload, 0x20)
        if any(buffer.size != self.buffer_size for buffer in self.buffers):
            raise Broken("trace buffers of several sizes")

    def check_finished(self):
        """Checks for members that a file has whose session was stopped in order."""
        if self.buffers_written != len(self.buffers):
            raise Broken(f"{len(self.buffers)} trace buffers, the header says {self.buffers_written}")
        if not self.buffers[-1].flags & FLUSH_MARKER:
            raise Broken("the last trace buffer has no flush marker")

    def events(self):
        """Processor, time and bytes of every record that is an event."""
        for buffer in self.buffers:
            for kind, ticks, record in buffer.records():
                if kind > 0x04 and kind not in (0x10, 0x11) or record[7] != 0:
                    yield buffer.processor, ticks, record
