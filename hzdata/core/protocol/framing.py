"""Frames and whole messages of the Open Binary Client Protocol 2.x. Sans-I/O: bytes in, messages out.

A message is a run of frames. A frame is ``int32 length`` (header included), ``uint16 flags``, payload, all little
endian. The first frame of a message carries its type, its correlation id and the fixed-size parameters; the frame with
the final flag ends it. Large messages may come in fragments, which are put together again here, so that nothing above
knows of them.

See: https://github.com/hazelcast/hazelcast-client-protocol
"""

from __future__ import annotations

import struct
from bisect import bisect_right

BEGIN_FRAGMENT, END_FRAGMENT = 1 << 15, 1 << 14
UNFRAGMENTED = BEGIN_FRAGMENT | END_FRAGMENT
FINAL = 1 << 13
BEGIN_DATA_STRUCTURE, END_DATA_STRUCTURE = 1 << 12, 1 << 11
NULL = 1 << 10
EVENT = 1 << 9
BACKUP_AWARE = 1 << 8
BACKUP_EVENT = 1 << 7

_STRUCTURE = BEGIN_DATA_STRUCTURE | END_DATA_STRUCTURE

FRAME_HEADER = struct.Struct("<iH")
HEADER_SIZE = FRAME_HEADER.size
NULL_FRAME = FRAME_HEADER.pack(HEADER_SIZE, NULL)
BEGIN_FRAME = FRAME_HEADER.pack(HEADER_SIZE, BEGIN_DATA_STRUCTURE)
END_FRAME = FRAME_HEADER.pack(HEADER_SIZE, END_DATA_STRUCTURE)

# Offsets from the start of a message, the first frame's header included.
CORRELATION_ID_OFFSET = HEADER_SIZE + 4
PARTITION_ID_OFFSET = HEADER_SIZE + 12
"""In requests and events; in responses the byte there is the number of backup acks to wait for."""
REQUEST_FIXED_OFFSET = HEADER_SIZE + 16
RESPONSE_FIXED_OFFSET = HEADER_SIZE + 13

EXCEPTION_TYPE = 0
FLAGS_HIGH_BYTE = HEADER_SIZE - 1

_ROUTE = struct.Struct("<qi")
unpack_header = FRAME_HEADER.unpack_from
_unpack_head = struct.Struct("<iHiq").unpack_from


def route(request: bytearray, correlation_id: int, partition_id: int = -1) -> None:
    """Write into an encoded request by what its answer is known, and whose partition it is for (-1: nobody's)."""
    _ROUTE.pack_into(request, CORRELATION_ID_OFFSET, correlation_id, partition_id)


class FramingError(Exception):
    """The peer sent bytes that are no frame: the connection cannot go on."""


class Message:
    """One whole message, undecoded.

    Parameters
    ----------
    buffer
        The bytes of the message, first frame to last, nothing else.

    Attributes
    ----------
    flags : int
        The flags of the first frame.
    type : int
        The message type; 0 is an error response.
    correlation_id : int
        Names the request that this answers or whose registration it is an event of.
    """

    __slots__ = ("_places", "buffer", "correlation_id", "flags", "type")

    def __init__(self, buffer: bytes | bytearray, places: tuple[list[int], list[int]] | None = None) -> None:
        self.buffer = buffer
        _, self.flags, self.type, self.correlation_id = _unpack_head(buffer, 0)
        self._places = places

    @property
    def frames(self) -> list[int]:
        """Offset of every frame in ``buffer``, and the end of the last one."""
        return self._walked()[0]

    @property
    def marks(self) -> list[int]:
        """Indices into ``frames`` of those that begin or end a data structure, in order."""
        return self._walked()[1]

    def _walked(self) -> tuple[list[int], list[int]]:
        if self._places is None:
            walker = FrameWalker()
            walker.walk(self.buffer, len(self.buffer))
            self._places = walker.places()
        return self._places

    def list_end(self, first: int) -> tuple[int, int]:
        """Find the end of the list that the frame with index `first` begins.

        Returns
        -------
        end : int
            Index of its end frame.
        items : int
            How many it holds; a structure counts as one.
        """
        marks, frames, buffer = self.marks, self.frames, self.buffer
        mark = bisect_right(marks, first)
        inside, depth = 0, 0  # frames that are no items: those of structures, but for one of each
        while True:
            begins = buffer[frames[marks[mark]] + FLAGS_HIGH_BYTE] & BEGIN_DATA_STRUCTURE >> 8
            if begins:
                if depth == 0:
                    inside -= marks[mark]
                depth += 1
            elif depth == 0:
                return marks[mark], marks[mark] - first - 1 - inside
            else:
                depth -= 1
                if depth == 0:
                    inside += marks[mark]
            mark += 1

    def is_error(self) -> bool:
        """Whether this answers by an exception."""
        return bool(self.type == EXCEPTION_TYPE)

    def error(self) -> Exception | None:
        """The exception that this carries, or None when it is no error response."""
        if not self.is_error():
            return None
        from ..errors import create_error_from_message

        return create_error_from_message(self)

    def __repr__(self) -> str:
        return f"<Message 0x{self.type:06x} #{self.correlation_id} {len(self.buffer)} bytes>"


class FrameWalker:
    """Walks the frames of one message as its bytes arrive, noting where each begins."""

    __slots__ = ("done", "frames", "marks", "position")

    def __init__(self) -> None:
        self.position = 0
        self.frames: list[int] = []
        self.marks: list[int] = []
        self.done = False

    def walk(self, buffer: bytes | bytearray, stop: int) -> bool:
        """Go on from ``position`` as far as whole frames reach below ``stop``; True at the end of the message."""
        position = self.position
        note = self.frames.append
        last = stop - HEADER_SIZE
        while position <= last:
            length, flags = unpack_header(buffer, position)
            if length < HEADER_SIZE:
                raise FramingError(f"a frame of length {length} at byte {position} of a message")
            after = position + length
            if after > stop:
                break
            if flags & _STRUCTURE:
                self.marks.append(len(self.frames))
            note(position)
            position = after
            if flags & FINAL:
                self.done = True
                break
        self.position = position
        return self.done

    def places(self) -> tuple[list[int], list[int]]:
        """Return ``frames`` and ``marks`` of the message that was walked."""
        return [*self.frames, self.position], self.marks

    def message(self, buffer: bytes | bytearray) -> Message:
        """Return the message that was walked, which is all of `buffer`."""
        return Message(buffer, self.places())


class MessageAssembler:
    """Cuts a stream of bytes into whole messages; puts fragments together.

    Attributes
    ----------
    buffer : bytearray
        What came of a message that is not whole yet.
    """

    def __init__(self) -> None:
        self.buffer = bytearray()
        self._walked = 0
        self._fragments: dict[int, bytearray] = {}

    def feed(self, data: bytes) -> list[Message]:
        """Take the next bytes and return every message that is whole with them, in order.

        Raises
        ------
        FramingError
            When the bytes are no frames.
        """
        if self.buffer:
            self.buffer += data
            buffer: bytes | bytearray = self.buffer
        else:
            buffer = data
        size = len(buffer)
        start = 0
        position = self._walked
        messages: list[Message] = []
        while position + HEADER_SIZE <= size:
            length, flags = unpack_header(buffer, position)
            if length < HEADER_SIZE:
                raise FramingError(f"a frame of length {length}: this is not the Hazelcast client protocol")
            after = position + length
            if after > size:
                break
            position = after
            if flags & FINAL:
                raw = bytes(buffer[start:position])
                message = Message(raw)
                if message.flags & UNFRAGMENTED == UNFRAGMENTED:
                    messages.append(message)
                else:
                    messages += self.join(raw)
                start = position
        self._walked = position - start
        if buffer is self.buffer:
            del self.buffer[:start]
        elif start < size:
            self.buffer += memoryview(buffer)[start:]
        return messages

    def rest(self) -> bytearray:
        """Give up what is no whole message yet."""
        rest, self.buffer, self._walked = self.buffer, bytearray(), 0
        return rest

    def join(self, raw: bytes) -> list[Message]:
        """Take a fragment: a frame with the id of the message, then some of its frames. Return it when it is whole."""
        length, flags = unpack_header(raw, 0)
        (fragment_id,) = struct.unpack_from("<q", raw, HEADER_SIZE)
        if flags & BEGIN_FRAGMENT:
            self._fragments[fragment_id] = bytearray()
        joined = self._fragments.get(fragment_id)
        if joined is None:
            raise FramingError(f"fragment {fragment_id} goes on but never began")
        joined += raw[length:]
        if flags & END_FRAGMENT:
            return [Message(bytes(self._fragments.pop(fragment_id)))]
        # The last frame of a fragment is not that of the message.
        last_frame = len(joined) - len(raw) + Message(raw).frames[-2]
        joined[last_frame + FLAGS_HIGH_BYTE] &= ~(FINAL >> 8)
        return []
