"""Scores on disk, so that nothing is scored twice and a run that was cut off goes on where it stopped.

A store is a folder for one model: Parquet files that are written once and never changed, and a ledger that vouches for each with its size and
SHA-256. A file has a row for each passage and a column for each hypothesis, both named by the digest of their text: the same sentence under
the same wording has one score, in whichever article or codebook it stands. What the ledger does not vouch for is not there. A
damaged file is put aside under another name, and its pairs are scored again.
"""

import hashlib
import io
import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from framing.corpus.normalise import digest
from framing.files import append_line, sweep, write_whole
from framing.lock import held

_log = logging.getLogger(__name__)
_LEDGER = "ledger.jsonl"
_PREMISE, _WINDOWED = "premise", "windowed"
_DIGITS = 32  # of a digest: two of 10^12 texts share one with a probability below 10^-14

Digests = npt.NDArray[np.bytes_]
Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


def named(texts: Iterable[str]) -> Digests:
    """What a store calls texts: the first 32 hexadecimal digits of their SHA-256, as an array of bytes (n,)."""
    return np.array([digest(text)[:_DIGITS] for text in texts], dtype=f"S{_DIGITS}")


@dataclass(frozen=True)
class Entry:
    """A line of the ledger: a file, its rows and size, the SHA-256 of its bytes, and its first and last passage."""

    file: str
    rows: int
    size: int
    sha256: str
    first: str
    last: str


class Store:
    """The scores of one model below `folder`.

    Parameters
    ----------
    folder : Path
        Where the stores of all models lie; made when the first score is added.
    fingerprint : str
        Of the model: other weights, another tokenizer, limit or arithmetic make another store.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder = folder / fingerprint[:32]
        self._entries = _read_ledger(self.folder / _LEDGER)
        self._tables: dict[str, tuple[Digests, pa.Table]] = {}

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs from writing here until the block ends, and take up what they wrote before it.

        Raises
        ------
        StorageError
            If another run is writing here, or the folder cannot be written to.
        """
        with held(self.folder):
            sweep(self.folder)
            self._entries |= _read_ledger(self.folder / _LEDGER)
            yield

    def look_up(self, premises: Digests, hypotheses: Digests) -> tuple[Floats, Bools]:
        """Stored p_entail, NaN where there is none, and whether the passage was read in windows.

        Parameters
        ----------
        premises : digests, shape (p,), sorted
        hypotheses : digests, shape (h,)

        Returns
        -------
        float32 array (p, h), bool array (p,)
        """
        found = np.full((len(premises), len(hypotheses)), np.nan, dtype=np.float32)
        windowed = np.zeros(len(premises), dtype=bool)
        if not len(premises):
            return found, windowed
        low, high = _text(premises[0]), _text(premises[-1])
        for entry in list(self._entries.values()):
            if entry.first > high or entry.last < low or (read := self._read(entry)) is None:
                continue
            names, table = read
            at = np.searchsorted(names, premises)
            at[at == len(names)] = 0
            here = np.flatnonzero(names[at] == premises)
            if not len(here):
                continue
            rows = at[here]
            windowed[here] |= table[_WINDOWED].to_numpy()[rows]
            for column, hypothesis in enumerate(hypotheses):
                if _text(hypothesis) in table.column_names:
                    values = table[_text(hypothesis)].to_numpy()[rows]
                    there = ~np.isnan(values)
                    found[here[there], column] = values[there]
        return found, windowed

    def add(self, premises: Digests, hypotheses: Digests, p: Floats, windowed: Bools) -> None:
        """Keep the scores of a chunk: `premises` sorted (p,), `p` (p, h) with NaN where there is no score, `windowed` (p,)."""
        columns: dict[str, pa.Array] = {
            _PREMISE: pa.array(premises.astype("U").tolist()),
            _WINDOWED: pa.array(windowed),
        }
        for column in np.argsort(hypotheses):
            columns[_text(hypotheses[column])] = pa.array(p[:, column])
        buffer = io.BytesIO()
        table = pa.table(columns)
        pq.write_table(table, buffer)
        content = buffer.getvalue()
        sha256 = hashlib.sha256(content).hexdigest()
        first, last = _text(premises[0]), _text(premises[-1])
        entry = Entry(f"{sha256[:24]}.parquet", len(premises), len(content), sha256, first, last)
        write_whole(self.folder / entry.file, content)
        append_line(self.folder / _LEDGER, json.dumps(asdict(entry)))
        self._entries[entry.file] = entry
        self._tables = {entry.file: (premises, table)}

    def _read(self, entry: Entry) -> tuple[Digests, pa.Table] | None:
        """A file's passages and its table; None, and no entry any more, if it is not as it was written."""
        if entry.file in self._tables:
            return self._tables[entry.file]
        path = self.folder / entry.file
        try:
            content = path.read_bytes()
        except OSError as error:
            self._lose(entry, f"{path} cannot be read ({error.strerror}); its passages are scored again.")
            return None
        if len(content) != entry.size or hashlib.sha256(content).hexdigest() != entry.sha256:
            aside = path.with_suffix(".unreadable")
            path.replace(aside)
            self._lose(entry, f"{path} is not as it was written; kept as {aside.name}, and scored again.")
            return None
        table = pq.read_table(io.BytesIO(content))
        # The last one only: runs ask in the order of the files, and memory stays flat.
        self._tables = {entry.file: (np.array(table[_PREMISE].to_pylist(), dtype=f"S{_DIGITS}"), table)}
        return self._tables[entry.file]

    def _lose(self, entry: Entry, why: str) -> None:
        del self._entries[entry.file]
        _log.warning("%s", why)


def _text(name: bytes) -> str:
    return name.decode("ascii")


def _read_ledger(path: Path) -> dict[str, Entry]:
    """The entries of a ledger by file; a line that was cut off or damaged vouches for nothing."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    entries = {}
    for line in lines:
        try:
            entry = Entry(**json.loads(line))
        except (ValueError, TypeError):
            continue
        entries[entry.file] = entry
    return entries
