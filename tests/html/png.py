# SPDX-License-Identifier: Apache-2.0
"""PNG pictures of a browser: their size, and the same pixels in fewer bytes."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunks(data):
    """(kind, bytes) of each chunk."""
    if data[:8] != SIGNATURE:
        raise ValueError("no PNG")
    at = 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        yield kind, data[at + 8:at + 8 + length]
        at += 12 + length


def size(data):
    """Width and height in points."""
    return struct.unpack(">II", next(chunks(data))[1][:8])


def nearest(left, up, corner):
    """Paeth's choice of the neighbour that comes closest to left + up - corner."""
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


def unfiltered(row, kind, above, step):
    """The pixels of a row that was stored as differences from its neighbours."""
    for x in range(len(row)):
        left = row[x - step] if x >= step else 0
        corner = above[x - step] if x >= step else 0
        if kind == 1:
            row[x] = (row[x] + left) & 255
        elif kind == 2:
            row[x] = (row[x] + above[x]) & 255
        elif kind == 3:
            row[x] = (row[x] + (left + above[x]) // 2) & 255
        elif kind == 4:
            row[x] = (row[x] + nearest(left, above[x], corner)) & 255
    return row


def repacked(data):
    """The same picture with unfiltered rows: the flat areas of a page pack better so. For pictures
    of 8-bit red, green and blue, which Chromium makes."""
    parts = list(chunks(data))
    header = parts[0][1]
    width, _, depth, colour = struct.unpack(">IIBB", header[:10])
    if (depth, colour) != (8, 2):
        raise ValueError(f"a PNG of depth {depth} and colour type {colour}, 8 and 2 are known")
    packed = zlib.decompress(b"".join(body for kind, body in parts if kind == b"IDAT"))
    length = 3 * width
    above, rows = bytearray(length), []
    for at in range(0, len(packed), length + 1):
        above = unfiltered(bytearray(packed[at + 1:at + 1 + length]), packed[at], above, 3)
        rows.append(b"\0" + above)
    made = SIGNATURE
    for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b"")):
        made += struct.pack(">I", len(body)) + kind + body + \
            struct.pack(">I", zlib.crc32(kind + body))
    return made
