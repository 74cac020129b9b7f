"""Scores on disk, so that nothing is scored twice and a run that was cut off goes on where it stopped.

A store is a folder for one model. Each flush adds one Parquet file, written beside and renamed, that is never changed again; its name
is the digest of its bytes, so that a flipped bit is found. A row is named by the digests of its two texts: the same sentence under the
same wording has one score, in whichever article or codebook it stands. A damaged file is put aside under another name, and its
pairs are scored again.
"""

import hashlib
import io
import logging
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from framing.errors import TableError
from framing.tables import read_table, replace_file

_log = logging.getLogger(__name__)
_COLUMNS = ["premise", "hypothesis", "p_entail"]


class Store:
    """The scores of one model below `folder`.

    Parameters
    ----------
    folder : Path
        Where the stores of all models lie; made when the first score is added.
    fingerprint : str
        Of the model: other weights, another tokenizer or another limit make another store.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._folder = folder / fingerprint[:32]
        self._chunks = [
            chunk for path in sorted(self._folder.glob("*.parquet")) if (chunk := self._read(path)) is not None
        ]

    def look_up(self, pairs: pd.DataFrame) -> npt.NDArray[np.float32]:
        """Stored p_entail of each row of `pairs` (columns premise, hypothesis: digests); NaN where there is none."""
        if not self._chunks:
            return np.full(len(pairs), np.nan, dtype=np.float32)
        known = pd.concat(self._chunks).drop_duplicates(["premise", "hypothesis"])
        found = pairs[["premise", "hypothesis"]].merge(
            known, on=["premise", "hypothesis"], how="left", validate="many_to_one"
        )
        return found["p_entail"].to_numpy(dtype=np.float32)

    def add(self, pairs: pd.DataFrame) -> None:
        """Keep `pairs` (columns premise, hypothesis, p_entail) in a new file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_pandas(pairs[_COLUMNS], preserve_index=False), buffer)
        content = buffer.getvalue()
        replace_file(self._folder / f"{_name(content)}.parquet", lambda beside: beside.write_bytes(content))
        self._chunks.append(pairs[_COLUMNS])

    def _read(self, path: Path) -> pd.DataFrame | None:
        try:
            if path.stem != _name(path.read_bytes()):
                raise TableError(f"{path} is not as it was written.")
            return read_table(path)[_COLUMNS]
        except TableError as error:
            aside = path.with_suffix(".unreadable")
            path.replace(aside)
            _log.warning("%s; kept as %s, and scored again.", str(error).rstrip("."), aside.name)
            return None


def _name(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]
