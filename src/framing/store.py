"""Scores on disk, so that nothing is scored twice and a run that was cut off goes on where it stopped.

A store is a folder for one model and one way of writing scores: Parquet files that are written once and never changed, and a ledger that vouches
for each with its size and SHA-256. A file has a row for each passage and a column for each hypothesis, both named by the digest of their text: the
same sentence under the same wording has one score, in whichever article or codebook it stands. What the ledger does not vouch for is not there. A
damaged file is put aside under another name, and its pairs are scored again.
"""

import hashlib
import io
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from framing.chunk import Bools, Floats
from framing.cores import read_text
from framing.corpus.normalise import digest
from framing.errors import StorageError
from framing.files import append_line, refuse_link, sweep, write_whole
from framing.lock import held

_log = logging.getLogger(__name__)
_LEDGER = "ledger.jsonl"
_BEGUN = "begun.txt"  # what is scored just now, by a run that may not live to tell
_LOST = "lost"  # in the ledger: a file that was damaged and is not to be looked for again
_FILE = re.compile(r"[0-9a-f]{24}\.parquet")
_PREMISE, _WINDOWED = "premise", "windowed"
# Raised whenever a file, its columns or a line of the ledger comes to mean something else, so that none is read for what it is not; stores of
# another number stay where they are and are not looked at. The first has no mark in the name: there were stores before there was a number.
_SCHEMA = 1
_DIGITS = 32  # of a digest: two of 10^12 texts share one with a probability below 10^-14

Digests = npt.NDArray[np.bytes_]


def named(texts: Iterable[str]) -> Digests:
    """What a store calls texts: the first 32 hexadecimal digits of their SHA-256, as an array of bytes (n,)."""
    return np.array([digest(text)[:_DIGITS] for text in texts], dtype=f"S{_DIGITS}")


@dataclass(frozen=True)
class Entry:
    """A line of the ledger: a file, its rows and size, and the SHA-256 of its bytes."""

    file: str
    rows: int
    size: int
    sha256: str


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
        self.folder = folder / (fingerprint[:32] if _SCHEMA == 1 else f"{fingerprint[:32]}-{_SCHEMA}")
        self._held = False
        self._entries: dict[str, Entry] = {}  # of the ledger, as far as it was read
        self._read_to = 0  # bytes of it
        self._damaged = False  # something was, at the last look-up
        self._index = _Index()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs from writing here until the block ends; a run that is writing here is waited for, since what it makes serves both.

        Raises
        ------
        StorageError
            If the folder cannot be written to, or is a symbolic link.
        """
        for folder in (self.folder.parent, self.folder):
            refuse_link(folder)
        with held(self.folder, wait=True):
            sweep(self.folder)
            self._tell_of_the_last()
            self._held = True
            try:
                yield
            finally:
                self._held = False
                with suppress(OSError):
                    (self.folder / _BEGUN).unlink(missing_ok=True)

    def begin(self, what: str) -> None:
        """Note, in words, what is scored next, until the store is held no more; if this process ends before that, the next one tells."""
        with suppress(OSError):  # it is a help and no more
            (self.folder / _BEGUN).unlink(missing_ok=True)  # never written through a link
            (self.folder / _BEGUN).write_text(what, encoding="utf-8")

    def _tell_of_the_last(self) -> None:
        if begun := read_text(self.folder / _BEGUN):
            _log.warning(
                "the run before this one was ended from outside, or by a crash, while it scored %s. If it happens again, set `engine: processes`: "
                "a passage that crashes its process is found then, and costs the others nothing.",
                begun,
            )

    def look_up(self, premises: Digests, hypotheses: Digests) -> tuple[Floats, Bools]:
        """Stored p_entail, NaN where there is none, and whether the passage was read in windows.

        A damaged file is put aside by whoever holds the store; others take it as not there.

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
        self._damaged = False
        holding = self._index.holding(np.sort(_short(premises)))
        for entry in list(self._ledger().values()):
            # A corpus may be looked up in many parts, and most files have nothing to say about most of them.
            if entry.file in self._index and entry.file not in holding:
                continue
            if (table := self._read(entry)) is None:
                continue
            names = np.array(table[_PREMISE].to_pylist(), dtype=f"S{_DIGITS}")
            self._index.add(entry.file, _short(names))
            at = np.searchsorted(premises, names)
            at[at == len(premises)] = 0
            rows = np.flatnonzero(premises[at] == names)
            here = at[rows]
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
        entry = Entry(f"{sha256[:24]}.parquet", len(premises), len(content), sha256)
        write_whole(self.folder / entry.file, content)
        append_line(self.folder / _LEDGER, json.dumps(asdict(entry)))
        self._index.add(entry.file, _short(premises))

    def has_news(self) -> bool:
        """Whether a look-up may find other scores than the last one did: a run has added some, or a file was damaged."""
        try:
            return self._damaged or (self.folder / _LEDGER).stat().st_size != self._read_to
        except OSError:
            return True

    def _ledger(self) -> dict[str, Entry]:
        """The entries of the ledger by file, in the order in which they were made; only what was added since the last time is read.

        A line that was cut off or damaged vouches for nothing.
        """
        path = self.folder / _LEDGER
        try:
            with path.open("rb") as file:
                if file.seek(0, os.SEEK_END) < self._read_to:  # not the one that was read
                    self._entries, self._read_to = {}, 0
                file.seek(self._read_to)
                added = file.read()
        except FileNotFoundError:
            self._entries, self._read_to = {}, 0
            return self._entries
        except OSError as error:
            raise StorageError(
                f"{path} cannot be read ({error.strerror}); choose another folder with --out."
            ) from error
        self._read_to += added.rfind(b"\n") + 1  # what is not a whole line yet is read again
        for line in added.split(b"\n"):
            try:
                said = json.loads(line)
                if _LOST in said:
                    self._entries.pop(said[_LOST], None)
                    continue
                entry = Entry(**said)
                if not _FILE.fullmatch(entry.file):  # never a path to somewhere else
                    continue
            except (ValueError, TypeError):
                continue
            self._entries[entry.file] = entry
        return self._entries

    def _read(self, entry: Entry) -> pa.Table | None:
        """A file's table; None if it is not as it was written."""
        path = self.folder / entry.file
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            content = None
        except OSError as error:  # it may be as it was written, and readable tomorrow
            raise StorageError(
                f"{path} cannot be read ({error.strerror}); mend that, or choose another folder with --out."
            ) from error
        if content is not None and len(content) == entry.size and hashlib.sha256(content).hexdigest() == entry.sha256:
            table = pq.read_table(io.BytesIO(content))
            if table.num_rows == entry.rows:
                return table
        self._damaged = True
        if self._held:
            aside = path.with_suffix(".unreadable")
            with suppress(OSError):
                path.replace(aside)
            kept = f"kept as {aside.name}, and " if content is not None else ""
            _log.warning("%s is not as it was written; %sits passages are scored again.", path, kept)
            append_line(self.folder / _LEDGER, json.dumps({_LOST: entry.file}))
        return None


def _short(names: Digests) -> npt.NDArray[np.uint64]:
    """The first 16 digits of each name as a number: eight bytes in memory, and enough to see what need not be read."""
    return np.array([int(name[:16], 16) for name in names.tolist()], dtype=np.uint64)


def _text(name: bytes) -> str:
    return name.decode("ascii")


class _Index:
    """Which files hold a passage, by its short name: a few sorted arrays, each at least twice as long as the next."""

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._blocks: list[
            tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]
        ] = []  # names, and numbers of their files

    def __contains__(self, file: str) -> bool:
        return file in self._files

    def add(self, file: str, names: npt.NDArray[np.uint64]) -> None:
        """Note the passages of a file, once."""
        if file in self._files:
            return
        number = self._files[file] = len(self._files)
        names, numbers = np.sort(names), np.full(len(names), number, dtype=np.int32)
        while self._blocks and len(self._blocks[-1][0]) <= 2 * len(names):
            more, of_more = self._blocks.pop()
            names, numbers = np.concatenate([more, names]), np.concatenate([of_more, numbers])
            order = np.argsort(names, kind="stable")
            names, numbers = names[order], numbers[order]
        self._blocks.append((names, numbers))

    def holding(self, asked: npt.NDArray[np.uint64]) -> set[str]:
        """The files that hold any of `asked`."""
        found: set[int] = set()
        for names, numbers in self._blocks:
            first, end = np.searchsorted(names, asked, "left"), np.searchsorted(names, asked, "right")
            counts = end - first
            at = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
            found |= set(np.unique(numbers[at]).tolist())
        return {file for file, number in self._files.items() if number in found}
