"""Measurements: every figure that the README gives comes from a command here.

    python -m benchmarks.frames     read_sql and to_hz_map
    python -m benchmarks.calls      calls of a map: one at a time, in flight, of many entries

Each runs hzdata, the vendor's client and the floor (the same bytes on a bare socket) against the same member, in
interleaved rounds of one process, and gives medians.
"""
