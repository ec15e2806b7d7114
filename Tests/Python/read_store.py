"""Reads a store by the page that describes its format, and prints one JSON line per execution.

This is the second opinion on the log: it shares no code with the store and was written from the page `Format` alone.

    python3 read_store.py STORE

It proves every hash, link, sequence, flag, promise and seal, and decodes every event. A line has the id, the fields
of META, the number of events and a digest: SHA-256 over, for each event in order, u16 kind, u8 flags without "more
pieces follow", u8 encoding, the lane, u32 sequence, u32 issued, u32 done, u64 offset, the name, the descriptor and the
payload. The last four kinds of bytes have a u32 length in front, FFFFFFFF for the root lane and for no name. All is
little-endian. Executions come in the order of their first frames. The last line has the totals and the end of the log.

Damage and torn tails go to standard error, as `PATH: byte N: what`. The rest of such a segment is not read, and frames
in later ones that go on from there are passed over. Zeros behind the last batch are room for more, and no damage; nor
are files that were made ahead of time and hold nothing. What HEAD says is held against the log.
Exit code: 0 whole, 3 damage or a torn tail, 1 the store cannot be read.
"""

import hashlib
import json
import re
import struct
import sys
from collections import Counter, namedtuple
from pathlib import Path

try:
    import lz4.block
    import xxhash
except ImportError as error:
    sys.exit(f"read_store.py needs the module {error.name}; Debian has it as python3-{error.name.split('.')[0]}")

EVENTS, TOMBSTONE, DICTIONARY, SEAL, SKIPPABLE, META = 1, 4, 5, 8, 0x80, 1
HAS_TOMBSTONES, IS_REWRITTEN = 1, 2
BATCH_FIRST, BATCH_LAST, EXECUTION_FIRST, EXECUTION_LAST, CONTINUES, REWRITTEN = 1, 2, 4, 8, 16, 32
NONE, NO_ID, HEADER_BYTES, PART_BYTES, PIECE_BYTES = 0xFFFFFFFF, bytes(16), 4096, 1 << 20, 960 << 10
STATUSES = ["running", "ok", "failed", "cancelled"]
TEXTS = {1: "app", 2: "name", 3: "source", 4: "route", 8: "requestID", 9: "traceID", 10: "sdkVersion",
         11: "errorFingerprint"}
NUMBERS = {5: "status", 6: "start", 7: "duration", 12: "eventCount", 13: "interactions"}
SALTS = [0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D, 0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31]

HEADER, FRAME = struct.Struct("<8sHHI16sIIQQQQQQIII4xIIH"), struct.Struct("<4sBBBBIIQQQ16sQIHHIIQQ")
PROLOGUE, RECORD, TRAILER = struct.Struct("<QQ8I"), struct.Struct("<IHBB4IQII"), struct.Struct("<8sQIIQQQQ")
HEAD, HEAD_STRIDE = struct.Struct("<8sHHI16sQQQQIIQ40xQ"), 4096
Header = namedtuple("Header", "magic major minor size store number generation salt store_salt previous_end "
                    "previous_hash first created reader_features writer_features free_features epoch room dictionaries")
Frame = namedtuple("Frame", "magic words kind codec flags stored raw sequence durable previous id hint first count "
                   "dictionary tenant key payload_hash hash")
Slot = namedtuple("Slot", "magic major minor number store generation end next previous oldest epoch state hash")
Record = namedtuple("Record", "length kind flags encoding lane sequence issued done offset name descriptor")


class Refused(Exception):
    """A store that this program must not read."""


class Damage(Exception):
    """What is wrong, and at which byte of the file."""


class Cut(Damage):
    """What an interrupted write leaves, too, at the end of the log."""


def require(claim, at, what, kind=Damage):
    if not claim:
        raise kind(at, what)


def xxh3(content, seed):
    return xxhash.xxh3_64_intdigest(content, seed)


def padded(count):
    return (count + 7) & ~7


def place(position):
    return f"{position >> 32}:{position & NONE}"


def is_beyond(promise, end):
    """Whether a log that ends at `end` lacks something promised. The header of the next segment alone is no loss."""
    return promise > end and promise != ((end >> 32) + 1) << 32 | HEADER_BYTES


def decoded(codec, stored, count, at):
    require(codec in (0, 1), at, f"codec {codec}")
    try:
        raw = lz4.block.decompress(stored, uncompressed_size=count) if codec else stored
    except lz4.block.LZ4BlockError as error:
        raise Damage(at, f"LZ4: {error}") from error
    require(len(raw) == count, at, f"{len(raw)} bytes instead of {count}")
    return raw


class Segment:
    """A file of the log: its header, and where its frames lie."""

    def __init__(self, path, number, generation):
        self.path, self.number, self.generation, self.data = path, number, generation, path.read_bytes()
        self.end = len(self.data.rstrip(b"\0"))  # what follows is the padding of a frame, and room for more
        self.header = None

    def position(self, offset):
        return self.number << 32 | offset

    def read_header(self):
        require(len(self.data) >= HEADER_BYTES, 0, "no whole header")
        header = Header(*HEADER.unpack_from(self.data))
        require(header.magic == bytes.fromhex("8952504C0D0A1A31"), 0, "not the magic of a segment")
        if header.major > 1:
            raise Refused(f"{self.path}: format version {header.major}.{header.minor}")
        stored_hash = int.from_bytes(self.data[4088:4096], "little")
        require(xxh3(self.data[:4088], 0) == stored_hash, 4088, "hash of the header")
        if header.major != 1:
            raise Refused(f"{self.path}: format version {header.major}.{header.minor}")
        if header.reader_features & ~(HAS_TOMBSTONES | IS_REWRITTEN) or header.size != HEADER_BYTES or header.dictionaries:
            raise Refused(f"{self.path}: needs a later version of this program")
        require((header.number, header.generation) == (self.number, self.generation), 32, "another segment's header")
        require(header.first <= 1 << 62, 72, "sequence over the limit")
        self.header = header

    def is_unfinished(self):
        """Whether the header does not verify, and no byte was ever written behind it."""
        if self.generation:
            return False
        try:
            self.read_header()
        except Damage:
            return not any(self.data[HEADER_BYTES:])
        return False

    def is_whole(self):
        """Whether a generation over 0 was written to its end: only then does it count."""
        try:
            self.read_header()
        except Damage:
            return False
        trailer = self.data[self.end - 64:self.end]
        return trailer[:8] == b"RPLSEAL1" and trailer[56:] == xxh3(trailer[:56], self.header.salt).to_bytes(8, "little")

    def frame_header(self, at):
        """The frame header at an offset, if one verifies there."""
        if at + FRAME.size > len(self.data):
            return None
        frame = Frame(*FRAME.unpack_from(self.data, at))
        seed = self.header.salt ^ (self.position(at) * 0x9E3779B97F4A7C15 & (1 << 64) - 1)
        verifies = frame.magic == b"RPF1" and frame.words == 12 and frame.hash == xxh3(self.data[at:at + 88], seed)
        return frame if verifies else None

    def payload(self, at, frame):
        start = at + FRAME.size
        return self.data[start:start + padded(frame.stored)]

    def frame(self, at):
        frame = self.frame_header(at)
        require(frame, at, "no frame header that verifies", Cut)
        known = frame.kind in (EVENTS, TOMBSTONE, DICTIONARY, SEAL) or frame.kind & SKIPPABLE
        require(known, at + 5, f"frame of kind {frame.kind}")
        require(frame.stored <= frame.raw <= 16 << 20, at + 8, f"{frame.stored} bytes stored of {frame.raw}")
        require((frame.dictionary, frame.key) == (0, 0), at + 70, "a dictionary or a key")
        require(self.generation or not frame.flags & REWRITTEN, at + 7, "rewritten, in generation 0")
        payload, hashed = self.payload(at, frame), padded(frame.stored)
        require(len(payload) == hashed, at, "cut payload", Cut)
        if frame.kind == EVENTS:
            require(frame.stored >= PROLOGUE.size, at + 8, "no prologue")
            _, bodies_hash, heads_stored, *_ = PROLOGUE.unpack_from(payload)
            hashed = min(hashed, PROLOGUE.size + padded(heads_stored))
            # Of a damaged prologue the first hash fails below, before the second one means anything.
        require(xxh3(payload[:hashed], self.header.store_salt) == frame.payload_hash, at + 96, "payloadHash", Cut)
        if frame.kind == EVENTS:
            bodies = payload[hashed:]
            require(xxh3(bodies, self.header.store_salt) == bodies_hash, at + 96 + hashed, "bodiesHash", Cut)
        return frame

    def batches(self):
        """Whole batches: offset and header of their frames, and the offset behind them."""
        at, batch, sequence, previous = HEADER_BYTES, [], self.header.first, self.header.previous_hash
        while at < self.end:
            frame = self.frame(at)
            goes_on = frame.sequence == sequence or self.generation and frame.sequence > sequence
            require(goes_on, at + 16, f"sequence {frame.sequence} instead of {sequence}", Cut)
            require(frame.sequence - self.header.first < NONE, at + 16, "sequence over the limit")
            require(frame.previous == previous, at + 32, "previousFrameHash", Cut)
            require(bool(frame.flags & BATCH_FIRST) == (not batch), at + 7, "batchFirst", Cut)
            require(not batch or frame.id == batch[0][1].id, at + 40, "two executions in a batch")
            require(not batch or (frame.kind == SEAL) == (batch[0][1].kind == SEAL), at + 5, "a seal within a batch")
            batch.append((at, frame))
            at, sequence, previous = at + FRAME.size + padded(frame.stored), frame.sequence + 1, frame.hash
            if frame.flags & BATCH_LAST:
                if frame.kind == SEAL:
                    trailer = self.data[at:at + 64]
                    whole = len(trailer) == 64 and trailer[:8] == b"RPLSEAL1"
                    require(whole, at, "a seal without its trailer", Cut)
                    require(trailer[56:] == xxh3(trailer[:56], self.header.salt).to_bytes(8, "little"), at + 56,
                            "hash of the trailer", Cut)
                    yield batch, at + 64
                    return  # what follows is room that was not given back
                yield batch, at
                batch = []
        require(not batch, at, "a batch without its last frame", Cut)


def fields(content, at):
    """The fields of META: number and bytes."""
    start = 0
    while start < len(content):
        require(start + 8 <= len(content), at, "a field is cut")
        number, _, length = struct.unpack_from("<HHI", content, start)
        require(start + 8 + length <= len(content), at, f"field {number} is cut")
        yield number, content[start + 8:start + 8 + length]
        start += 8 + padded(length)


def read_meta(content, at):
    meta = {"app": "", "name": "", "source": "", "route": "", "status": 0, "eventCount": 0, "interactions": 0,
            "kinds": {}, "tags": {}}
    for number, value in fields(content, at):
        if number in TEXTS:
            meta[TEXTS[number]] = value.decode("utf-8", "replace")
        elif number in NUMBERS or number == 14:
            require(len(value) == (16 if number == 14 else 8), at, f"META: field {number} of {len(value)} bytes")
            *kind, count = struct.unpack("<QQ" if number == 14 else "<Q", value)
            require(not kind or kind[0] <= 65535, at, f"META: kind {kind}")
            if kind:
                meta["kinds"][kind[0]] = count
            else:
                meta[NUMBERS[number]] = count
        elif number == 15:
            require(len(value) >= 4, at, "META: a tag is cut")
            end = 4 + struct.unpack_from("<I", value)[0]
            require(end <= len(value), at, "META: a tag is cut")
            meta["tags"][value[4:end].decode("utf-8", "replace")] = value[end:].decode("utf-8", "replace")
    require(meta["status"] < 4, at, f"META: status {meta['status']}")
    meta["status"] = STATUSES[meta["status"]]
    return meta


def read_records(frame, payload, at):
    """The prologue's wallBase and payloadOffset, and the records with lane, name, descriptor and payload as bytes."""
    wall, _, heads_stored, heads_raw, bodies_raw, count, offsets_at, strings_at, string_count, before = \
        PROLOGUE.unpack_from(payload)
    bodies_at = PROLOGUE.size + padded(heads_stored)
    require(frame.raw == PROLOGUE.size + padded(heads_raw) + bodies_raw, at, "rawByteCount")
    require(bodies_at <= frame.stored, at, "heads longer than the payload")
    heads = decoded(frame.codec & 15, payload[PROLOGUE.size:PROLOGUE.size + heads_stored], heads_raw, at)
    bodies = decoded(frame.codec >> 4, payload[bodies_at:frame.stored], bodies_raw, at)
    text_at = strings_at + 4 * (string_count + 1)
    require(offsets_at + 8 * count <= strings_at and text_at <= heads_raw, at, "tables out of bounds")
    starts = struct.unpack_from(f"<{count}I", heads, offsets_at) + (offsets_at,)
    payloads = struct.unpack_from(f"<{count}I", heads, offsets_at + 4 * count) + (bodies_raw,)
    bounds = struct.unpack_from(f"<{string_count + 1}I", heads, strings_at)
    require(list(bounds) == sorted(bounds) and text_at + bounds[-1] <= heads_raw, at, "strings out of bounds")
    strings = [heads[text_at + first:text_at + last] for first, last in zip(bounds, bounds[1:])]
    strings = [string.decode("utf-8", "replace").encode() for string in strings]
    records = []
    for index in range(count):
        start, body = starts[index], payloads[index]
        require(start + RECORD.size <= offsets_at, at, f"record {index} out of bounds")
        record = Record(*RECORD.unpack_from(heads, start))
        end = start + RECORD.size + record.descriptor
        require(end <= starts[index + 1], at, f"record {index} out of bounds")
        require(body + record.length <= payloads[index + 1], at, f"payload {index} out of bounds")
        texts = [None if number == NONE else number for number in (record.lane, record.name)]
        require(all(number is None or number < string_count for number in texts), at, f"strings of record {index}")
        lane, name = (None if number is None else strings[number] or None for number in texts)
        records.append((record, lane, name, heads[start + RECORD.size:end], bodies[body:body + record.length]))
    return wall, before, records


class Execution:
    """What the frames of an execution told so far."""

    def __init__(self, identifier):
        self.id, self.meta, self.digest, self.kinds = identifier, None, hashlib.sha256(), Counter()
        self.events, self.last, self.piece, self.pieces, self.has_ended, self.wall = 0, 0, None, b"", False, None

    def goes_on(self, frame):
        """Whether a frame may be the next one. It may not be where damage hid the frames between."""
        is_first = bool(frame.flags & EXECUTION_FIRST)
        return is_first == (self.last == 0) and frame.first == self.events and not self.has_ended

    def take(self, frame, payload, position, at, is_moved):
        """Reads a frame, and returns the bytes of META if it has one. Where segments were written anew hints are old."""
        wall, before, records = read_records(frame, payload, at)
        require(not self.has_ended, at, "a frame behind the last one of its execution")
        require(bool(frame.flags & EXECUTION_FIRST) == (self.last == 0), at + 7, "executionFirst")
        require(is_moved or frame.hint in (0, self.last), at + 56, "previousFrameOfExecution")
        require(frame.first == self.events, at + 64, f"firstEvent {frame.first} instead of {self.events}")
        ended = sum(record.kind != META and not record.flags & 0x10 for record, *_ in records)
        require(frame.count == ended, at + 68, f"eventCount {frame.count} instead of {ended}")
        continues = any(record.flags & 0x10 for record, *_ in records)
        require(bool(frame.flags & CONTINUES) == continues, at + 7, "eventContinues")
        require(before == len(self.pieces), at, f"payloadOffset {before} instead of {len(self.pieces)}")
        require(not (continues or self.pieces) or len(records) == 1, at, "a piece is not alone in its frame")
        has_meta = bool(frame.flags & (EXECUTION_FIRST | EXECUTION_LAST))
        metas = [index for index, (record, *_) in enumerate(records) if record.kind == META]
        require(metas == [0] * has_meta, at, "META in a wrong place")
        for record, lane, name, descriptor, content in records[has_meta:]:
            self.take_event(record, lane, name, descriptor, content, at)
        self.last = position
        if has_meta:
            require(records[0][0].length == 0, at, "META with a payload")
            self.meta = read_meta(records[0][3], at)
            require(wall == self.meta.get("start", 0), at, "wallBase")
        require(self.wall in (None, wall), at, "another wallBase than in the frame before")
        self.wall = wall
        return records[0][3] if has_meta else None

    def take_gone(self, frame, payload, at):
        """Reads META of a frame of an execution that is deleted, or began in what was dropped."""
        _, _, records = read_records(frame, payload, at)
        if not frame.flags & (EXECUTION_FIRST | EXECUTION_LAST):
            return None
        self.meta = read_meta(records[0][3], at)
        return records[0][3]

    def end_batch(self, is_last, at):
        """Holds META against all events of the execution once its last batch is read."""
        require(self.piece is None, at, "an event without its last piece")
        self.has_ended, self.wall = is_last, None
        if is_last:
            interactions = sum(self.kinds[kind] for kind in range(16, 23))
            told = (self.meta["eventCount"], self.meta["interactions"], self.meta["kinds"])
            require(told == (self.events, interactions, self.kinds), at, f"META tells of other events: {told}")

    def take_event(self, record, lane, name, descriptor, content, at):
        shape = record._replace(length=0, lane=lane, name=name, descriptor=0, flags=record.flags & ~0x10)
        require(self.piece is None or self.piece[0] == shape and not descriptor, at, "pieces of different events")
        self.piece, self.pieces = self.piece or (shape, descriptor), self.pieces + content
        if record.flags & 0x10:
            require(len(content) == PIECE_BYTES, at, f"a piece of {len(content)} bytes")
            return
        encode = lambda text: struct.pack("<I", NONE) if text is None else struct.pack("<I", len(text)) + text
        _, descriptor = self.piece
        self.digest.update(struct.pack("<HBB", record.kind, shape.flags, record.encoding) + encode(lane))
        self.digest.update(struct.pack("<IIIQ", record.sequence, record.issued, record.done, record.offset))
        self.digest.update(encode(name) + encode(descriptor) + encode(self.pieces))
        self.kinds[record.kind] += 1
        self.events, self.piece, self.pieces = self.events + 1, None, b""

    def line(self):
        told = {key: value for key, value in self.meta.items() if key != "eventCount"}
        return {"id": self.id.hex(), **told, "events": self.events, "digest": self.digest.hexdigest()}


class Seal:
    """What the seal of a segment must say, gathered from its frames."""

    def __init__(self):
        self.frames, self.copies, self.places, self.counts = [], [], {}, Counter()
        self.tenants, self.kinds, self.starts, self.is_known = Counter(), Counter(), [], True

    def take(self, at, frame, meta, execution):
        if frame.id != NO_ID:
            self.places.setdefault(frame.id, len(self.frames))
            self.counts[frame.id] += 1
        if meta is not None:
            self.copies.append(struct.pack("<16sIHHII", frame.id, len(self.frames), META, 0, len(meta), 0) + meta)
            self.starts += [execution.meta["start"]] if execution.meta.get("start") else []
            self.kinds.update(execution.meta["kinds"] if frame.flags & EXECUTION_LAST else {})
        self.tenants[frame.tenant] += FRAME.size + padded(frame.stored)
        self.frames.append((at, frame))

    def sections(self, first):
        ids = sorted(self.places)
        places = {identifier: place for place, identifier in enumerate(ids)}
        yield b"".join(
            struct.pack("<IIIIQIIHBBI", at, frame.stored, frame.raw, places.get(frame.id, NONE), frame.hash,
                        frame.sequence - first, frame.first, frame.count, frame.flags, frame.kind, frame.tenant)
            for at, frame in self.frames)
        yield b"".join(struct.pack("<16sII", name, self.places[name], self.counts[name]) for name in ids)
        yield b"".join(copy + bytes(padded(len(copy)) - len(copy)) for copy in self.copies)
        blocks = max(1, (10 * len(ids) + 255) // 256)
        words = [0] * (8 * blocks)
        for identifier in ids:
            upper, lower = divmod(xxh3(identifier, 0), 1 << 32)
            for index, salt in enumerate(SALTS):
                words[8 * (upper * blocks >> 32) + index] |= 1 << ((lower * salt & NONE) >> 27)
        yield struct.pack(f"<II{len(words)}I", blocks, 0, *words)
        pairs = [number for counts in (self.tenants, self.kinds) for pair in sorted(counts.items()) for number in pair]
        yield struct.pack(f"<QQII{len(pairs)}Q", *self.times(), len(self.tenants), len(self.kinds), *pairs)

    def times(self):
        return (min(self.starts), max(self.starts)) if self.starts else (0, 0)

    def check(self, segment, batch, end):
        """Holds the frames of a seal, and the trailer before `end`, against what they must be."""
        expected = [
            (section, part, content[part * PART_BYTES:(part + 1) * PART_BYTES])
            for section, content in enumerate(self.sections(segment.header.first), 1)
            for part in range(max(1, -(-len(content) // PART_BYTES)))]
        require(len(batch) == len(expected), batch[0][0], f"{len(batch)} frames of a seal, not {len(expected)}")
        header = segment.header
        for (at, frame), (section, part, content) in zip(batch, expected):
            require((frame.count, frame.first, frame.id) == (section, part, NO_ID), at, "order of the seal")
            stored = segment.payload(at, frame)[:frame.stored]
            same = decoded(frame.codec & 15, stored, frame.raw, at) == content
            require(same, at, f"section {section} of the seal does not tell what the frames hold")
        told = TRAILER.unpack_from(segment.data, end - 64)
        count, last_hash = len(self.frames) + len(batch), batch[-1][1].hash
        if segment.generation:  # it keeps what the next segment goes on from
            require(batch[-1][1].sequence == header.first + told[2] - 1, end - 48, "sequences of the seal")
            count, last_hash = told[2], told[5]
        expected = (segment.position(batch[0][0]), count, len(self.places), header.first, last_hash, *self.times())
        require(told[1:] == expected, end - 64, "the trailer does not tell what the frames hold")


class Log:
    """The row of segments, and what was found in it."""

    def __init__(self, folder):
        self.head, self.head_path = [], Path(folder) / "HEAD"
        if self.head_path.exists():  # before the segments: it is never ahead of them
            self.read_head(self.head_path.read_bytes())
        found = {}
        for path in (Path(folder) / "seg").iterdir():
            match = re.fullmatch(r"([0-9a-f]{8})\.([0-9a-f]{4})\.rpl(\.next)?", path.name)
            if not match or not 1 <= int(match[1], 16) < NONE:
                continue
            number, generation, is_named = int(match[1], 16), int(match[2], 16), not match[3]
            if is_named or any(path.open("rb").read(HEADER_BYTES)):
                found.setdefault(number, []).append((is_named, generation, path))
        self.oldest = max((slot.oldest for slot in self.head), default=0)
        if any(number >= self.oldest for number in found):  # what lies before was dropped
            found = {number: files for number, files in found.items() if number >= self.oldest}
        self.segments = [self.newest(number, files) for number, files in sorted(found.items())]
        numbers = [0] + [segment.number for segment in self.segments]
        if self.segments and numbers[-1] == numbers[-2] + 1 and self.segments[-1].is_unfinished():
            self.segments.pop()  # a roll that was interrupted: it holds nothing
        self.executions, self.places, self.damages, self.frames, self.end = {}, {}, 0, 0, 0
        self.gone_begun = self.gone_events = 0  # of executions that are deleted, or began in what was dropped
        self.deleted, self.is_cut, self.is_moved = set(), False, any(segment.generation for segment in self.segments)
        self.last = None  # header, sequence and hash of the last frame of the segment before, and whether it is sealed

    @staticmethod
    def newest(number, files):
        """Of several generations the highest that is whole."""
        for _, generation, path in sorted(files, reverse=True):
            segment = Segment(path, number, generation)
            if not generation or len(files) == 1 or segment.is_whole():
                return segment
        return segment

    def find_deleted(self):
        """Notes the ids of all tombstones; what cannot be read is told later."""
        for segment in self.segments:
            try:
                segment.read_header()
                if segment.header.reader_features & HAS_TOMBSTONES:
                    for batch, _ in segment.batches():
                        self.deleted |= {frame.id for _, frame in batch if frame.kind == TOMBSTONE}
            except Damage:
                pass

    def read_head(self, content):
        """Takes the slots that verify, of the store that the newest one names."""
        for number in range(3):
            slot = content[number * HEAD_STRIDE:number * HEAD_STRIDE + HEAD.size]
            if len(slot) == HEAD.size:
                head = Slot(*HEAD.unpack(slot))
                known = (head.magic, head.major, head.number) == (b"RPLHEAD1", 1, number)
                valid = head.state & 0xFF in (1, 2, 3) and head.generation <= 1 << 62
                verifies = known and valid and head.hash == xxh3(slot[:120], 0)
                self.head += [head] if verifies else []
        newest = max(self.head, key=lambda slot: slot.generation, default=None)
        self.head = [slot for slot in self.head if slot.store == newest.store]

    def read(self):
        self.find_deleted()
        for segment in self.segments:
            is_last, self.end = segment is self.segments[-1], segment.position(0)
            try:
                self.read_segment(segment, is_last)
            except Damage as damage:
                self.report(segment, is_last, *damage.args, isinstance(damage, Cut))
        damages = self.damages
        for slot in self.head:
            problem = self.contradiction(slot, damages)
            if problem:
                print(f"{self.head_path}: byte {slot.number * HEAD_STRIDE}: damage: {problem}", file=sys.stderr)
                self.damages += 1

    def contradiction(self, slot, damages):
        """What a slot of HEAD says otherwise than the log."""
        store = self.segments[0].header.store if self.segments and self.segments[0].header else slot.store
        if slot.store != store:
            return "another store's"
        if is_beyond(slot.end, self.end):
            return f"the log was synced up to {place(slot.end)}, and ends at {place(self.end)}"
        told = {0: (1, 0), **self.places}.get(slot.end)
        if slot.end <= self.end and not damages and told != (slot.next, slot.previous):
            return f"another sequence or hash than the log has at {place(slot.end)}"
        return None

    def report(self, segment, is_last, at, what, may_be_cut):
        """Prints what is wrong: torn where nothing promises that what stands behind the last whole batch was synced."""
        promise = max((slot.end for slot in self.head), default=0)
        if segment.header:
            start = max(HEADER_BYTES, self.end & NONE)
            frames = (segment.frame_header(offset) for offset in range(start, segment.end, 8))
            promise = max([promise, *(frame.durable for frame in frames if frame)])
        is_torn = may_be_cut and is_last and segment.header and not is_beyond(promise, self.end)
        print(f"{segment.path}: byte {at}: {'torn tail' if is_torn else 'damage'}: {what}", file=sys.stderr)
        self.damages += 1

    def read_segment(self, segment, is_last):
        segment.read_header()
        self.check_link(segment)
        self.last = None
        self.end = segment.position(HEADER_BYTES)
        seal, is_sealed, sequence, previous = Seal(), False, segment.header.first - 1, segment.header.previous_hash
        self.places[self.end] = (sequence + 1, previous)
        for batch, end in segment.batches():
            for at, frame in batch:
                promised = frame.durable in self.places or self.damages and frame.durable <= self.end
                promised = promised or segment.generation and frame.durable == segment.header.previous_end
                require(promised, at + 24, f"durableEnd {place(frame.durable)}")
            is_sealed = batch[0][1].kind == SEAL
            self.read_batch(segment, batch, seal)
            if is_sealed and seal.is_known:
                seal.check(segment, batch, end)
            self.end = segment.position(end)
            self.frames += sum(frame.kind == EVENTS for _, frame in batch)
            sequence, previous = batch[-1][1].sequence, batch[-1][1].hash
            if is_sealed and segment.generation:
                previous = TRAILER.unpack_from(segment.data, end - 64)[5]
            self.places[self.end] = (sequence + 1, previous)
        require(is_sealed or is_last, self.end & NONE, "no trailer, and this is not the last segment")
        behind = self.end & NONE
        require(not (is_sealed and is_last) or segment.end <= behind, behind, "bytes behind the trailer", Cut)
        self.last = (segment, self.end, sequence, previous)

    def check_link(self, segment):
        header, first = segment.header, self.segments[0]
        if segment is first:
            self.is_cut = header.previous_end != 0 and segment.number == self.oldest
            start = (header.previous_end, header.previous_hash, header.first)
            require(self.is_cut or start == (0, 0, 1), 56, "a missing segment")
        elif first.header:
            ids = (first.header.store, first.header.store_salt)
            require((header.store, header.store_salt) == ids, 16, "a segment of another store")
        if self.last:
            before, end, sequence, previous = self.last
            require(before.number + 1 == segment.number, 32, "a gap before this segment")
            require(before.generation or header.previous_end == end, 56, "previousEnd")
            require((header.previous_hash, header.first) == (previous, sequence + 1), 64, "does not go on")

    def is_gone(self, frame):
        """Whether the execution is deleted, or began in what was dropped."""
        is_orphan = self.is_cut and frame.id not in self.executions and not frame.flags & EXECUTION_FIRST
        return frame.id in self.deleted or is_orphan

    def read_batch(self, segment, batch, seal):
        for at, frame in batch:
            if frame.kind == SEAL:
                continue
            meta = execution = None
            if frame.kind == EVENTS and self.is_gone(frame):
                execution = Execution(frame.id)
                meta = execution.take_gone(frame, segment.payload(at, frame), at)
                self.gone_begun += bool(frame.flags & EXECUTION_FIRST)
                self.gone_events += frame.count
            elif frame.kind == EVENTS:
                execution = self.executions.setdefault(frame.id, Execution(frame.id))
                if self.damages and not execution.goes_on(frame):
                    seal.is_known = False
                    continue
                meta = execution.take(frame, segment.payload(at, frame), segment.position(at), at, self.is_moved)
            seal.take(at, frame, meta, execution)
        execution = self.executions.get(batch[0][1].id)
        if execution and seal.is_known:
            execution.end_batch(any(frame.flags & EXECUTION_LAST for _, frame in batch), batch[0][0])


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: read_store.py STORE")
    try:
        log = Log(sys.argv[1])
        log.read()
    except (OSError, Refused) as error:
        sys.exit(str(error))
    executions = [execution for execution in log.executions.values() if execution.meta]
    for execution in executions:
        print(json.dumps(execution.line()))
    print(json.dumps({
        "segments": len(log.segments), "frames": log.frames, "executions": len(executions) + log.gone_begun,
        "events": sum(execution.events for execution in executions) + log.gone_events, "end": place(log.end)}))
    sys.exit(3 if log.damages else 0)


if __name__ == "__main__":
    main()
