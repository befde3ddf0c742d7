#!/usr/bin/env python3
"""Writes event_log_v1.bin from store/LOG_FORMAT.md, on purpose without a line of the program's own."""

import struct
import sys
from pathlib import Path


def varint(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def zigzag(number):
    return varint(number * 2 if number >= 0 else -number * 2 - 1)


def text(value):
    raw = value.encode()
    return varint(len(raw)) + raw


def f64(value):
    return struct.pack("<d", value)


class Log:
    def __init__(self):
        self.bytes, self.previous = b"", 0

    def event(self, kind, detail, at, customer, event_id, rest=b""):
        self.bytes += bytes([kind, detail]) + zigzag(at - self.previous)
        self.bytes += text(customer) + text(event_id) + rest
        self.previous = at


def main():
    t, log = 1_795_270_621_123, Log()
    log.event(1, 1 | 1 << 2, t, "C42", "e1", text("O1") + zigzag(120_050) + zigzag(-5))
    log.event(1, 2, t - 1, "黄", "e2", text("O2") + zigzag(0))
    log.event(2, 1, t, "C42", "e3", text("O1") + zigzag(2**43))
    log.event(2, 0, t, "C42", "e4", text("O1"))
    log.event(3, 0, t - 86_400_000 * 365, "C42", "")
    log.event(4, 0 | 5 << 2 | 1 << 5, t, "C42", "e5", text("T1") + zigzag(300))
    log.event(4, 1, t, "C42", "e6", text("T1"))
    log.event(4, 2 | 1 << 2, t, "C42", "e7", text("T1"))
    log.event(5, 5, t, "C42", "e8")
    log.event(6, 4 | 1 << 3, t, "C42", "e9")
    log.event(7, 0 | 1 << 2, t, "C42", "e10", f64(9))
    log.event(7, 2 | 2 << 2, t, "C42", "e11", f64(-1.5e300))
    log.event(8, 0, t, "C42", "e12", f64(-0.25))
    log.event(9, 1, t, "C42", "e13", text("C43"))
    log.event(10, 1, t, "C42", "e14", zigzag(900))
    log.event(10, 0, t, "C42", "e15")
    log.event(11, 1, t, "C42", "e16")
    everything = bytes([0x1F]) + zigzag(-2_208_988_800_000) + f64(61.5) + f64(0)
    everything += text("wechat") + text("north") + text("") + text("li") + text("1984-02-29")
    log.event(12, 3 | 2 << 2 | 0xF0, t, "C42", "e17", everything + varint(2) + text("vip") + text("x" * 200))
    log.event(12, 1 << 2, t, "C42", "", bytes([0]))
    log.event(13, 1 | 1 << 2, t, "C42", "e18",
              text("gold") + text("because") + text("wang") + zigzag(32_503_679_999_999))
    log.event(13, 0, t, "C42", "", text("") + text("enough") + text("li"))
    log.event(14, 3, t, "C42", "e19")
    log.bytes += bytes([16, 0])
    log.bytes += bytes([16, 1]) + struct.pack("<Q", 0x0123_4567_89AB_CDEF)
    log.event(15, 0, t + 60_000, "C42", "e20")
    Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_suffix(".bin")).write_bytes(log.bytes)


if __name__ == "__main__":
    main()
