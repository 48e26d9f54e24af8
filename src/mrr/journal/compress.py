"""Bodies as zstd frames, one by one, against a dictionary trained on their source; decompression is bounded."""

from collections.abc import Sequence

import zstandard
from sqlalchemy import Connection, func, insert, select

import mrr.journal.schema as schema
from mrr.journal.trouble import JournalDamaged

LEVEL = 3
LARGEST_BODY = 256 * 1024 * 1024
ENOUGH_BODIES = 500

# From so many on all processors compress; the frames are the same.
_MANY_BODIES = 500
_DICTIONARY_BYTES = 64 * 1024
_SAMPLE_BODIES = 1000
# Longer bodies compress well by themselves; the dictionary is for what they have in common with the short ones.
_SAMPLE_BYTES = 16 * 1024


class Packer:
    """Compresses the bodies of each source, and trains a source's dictionary once there is enough to learn from.

    Used by one writer at a time. After a transaction that failed call `forget`: its dictionary was rolled back.
    """

    def __init__(self) -> None:
        self._plain = zstandard.ZstdCompressor(level=LEVEL)
        self._by_source: dict[str, tuple[int, zstandard.ZstdCompressor]] = {}
        self._untrainable: set[str] = set()

    def pack(self, connection: Connection, source: str, bodies: Sequence[bytes]) -> tuple[int | None, list[bytes]]:
        """The id of the dictionary that was used, or None, and a frame for each body."""
        dictionary_id, compressor = self._compressor(connection, source, bodies)
        if len(bodies) < _MANY_BODIES or not any(bodies):
            return dictionary_id, [compressor.compress(body) for body in bodies]
        frames = compressor.multi_compress_to_buffer(list(bodies), threads=-1)
        return dictionary_id, [frames[place].tobytes() for place in range(len(frames))]

    def forget(self) -> None:
        """Drop what was learnt in a transaction that did not commit."""
        self._by_source.clear()
        self._untrainable.clear()

    def _compressor(
        self, connection: Connection, source: str, bodies: Sequence[bytes]
    ) -> tuple[int | None, zstandard.ZstdCompressor]:
        if source not in self._by_source:
            stored = _stored(connection, source) or self._train(connection, source, bodies)
            if stored is None:
                return None, self._plain
            learnt = zstandard.ZstdCompressionDict(stored[1])
            learnt.precompute_compress(level=LEVEL)
            self._by_source[source] = stored[0], zstandard.ZstdCompressor(level=LEVEL, dict_data=learnt)
        return self._by_source[source]

    def _train(self, connection: Connection, source: str, bodies: Sequence[bytes]) -> tuple[int, bytes] | None:
        if source in self._untrainable or len(bodies) + _kept(connection, source) < ENOUGH_BODIES:
            return None
        sample = _spread(bodies)
        if len(sample) < ENOUGH_BODIES:
            sample += _latest_bodies(connection, source)
        body = train(sample)
        if body is None:
            self._untrainable.add(source)
            return None
        added = connection.execute(insert(schema.dictionary).values(source=source, body=body))
        assert added.inserted_primary_key is not None
        return int(added.inserted_primary_key[0]), body


def train(sample: Sequence[bytes]) -> bytes | None:
    """A dictionary of at most 64 KiB for bodies like these, or None if they have too little in common or to say."""
    cut: list[bytes | bytearray | memoryview[int]] = [body[:_SAMPLE_BYTES] for body in sample if body]
    # A dictionary that is not much smaller than its sample would only repeat it.
    size = min(_DICTIONARY_BYTES, sum(map(len, cut)) // 8)
    try:
        return zstandard.train_dictionary(size, cut).as_bytes()
    except (zstandard.ZstdError, ValueError):
        return None


def _spread(bodies: Sequence[bytes]) -> list[bytes]:
    step = max(1, len(bodies) // _SAMPLE_BODIES)
    return list(bodies[::step][:_SAMPLE_BODIES])


def _stored(connection: Connection, source: str) -> tuple[int, bytes] | None:
    table = schema.dictionary
    row = connection.execute(select(table.c.dictionary_id, table.c.body).where(table.c.source == source)).first()
    return None if row is None else (row.dictionary_id, row.body)


def _kept(connection: Connection, source: str) -> int:
    """How many bodies of the source the journal has, counted no further than is enough."""
    some = select(schema.entry.c.seq).where(schema.entry.c.source == source).limit(ENOUGH_BODIES).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _latest_bodies(connection: Connection, source: str) -> list[bytes]:
    table = schema.entry
    # Only a source without a dictionary is trained, so all its frames are plain ones.
    latest = (
        select(table.c.body, table.c.body_size)
        .where(table.c.source == source, table.c.body.is_not(None))
        .order_by(table.c.seq.desc())
        .limit(_SAMPLE_BODIES)
    )
    plain = zstandard.ZstdDecompressor()
    return [unpack(plain, row.body, row.body_size) for row in connection.execute(latest)]


class Dictionaries:
    """The stored dictionaries by id, read once; safe to share between reading threads."""

    def __init__(self) -> None:
        self._by_id: dict[int, zstandard.ZstdCompressionDict] = {}

    def decompressor(self, connection: Connection, dictionary_id: int | None) -> zstandard.ZstdDecompressor:
        """A new decompressor, for one thread. Errors: the dictionary is gone."""
        if dictionary_id is None:
            return zstandard.ZstdDecompressor()
        if dictionary_id not in self._by_id:
            table = schema.dictionary
            body = connection.execute(select(table.c.body).where(table.c.dictionary_id == dictionary_id)).scalar()
            if body is None:
                raise JournalDamaged(f"dictionary {dictionary_id} is missing")
            self._by_id[dictionary_id] = zstandard.ZstdCompressionDict(body)
        return zstandard.ZstdDecompressor(dict_data=self._by_id[dictionary_id])


def unpack(decompressor: zstandard.ZstdDecompressor, frame: bytes, size: int) -> bytes:
    """The body in a frame, which must be of exactly `size` bytes.

    zstd allocates what the frame's own header claims, so that claim is compared before anything is allocated: a
    crafted frame cannot take more memory than the largest body. Errors: the frame is not what was written.
    """
    try:
        claimed = zstandard.frame_content_size(frame)
        if claimed != size or size > LARGEST_BODY:
            raise JournalDamaged(f"its frame claims {claimed} bytes where {size} were stored")
        return decompressor.decompress(frame, max_output_size=size, allow_extra_data=False)
    except (zstandard.ZstdError, TypeError) as error:
        raise JournalDamaged(f"it cannot be decompressed: {error}") from error
