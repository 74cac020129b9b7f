"""Pairs on disk: gzipped JSON lines, one pair a line."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

from training.public_pairs import Pair


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Write pairs as gzipped JSON lines; the same pairs give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs)
    path.write_bytes(gzip.compress(text.encode("utf-8"), mtime=0))


def read_pairs(path: Path) -> list[Pair]:
    """Read what `write_pairs` wrote."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [Pair(*json.loads(line)) for line in lines]
