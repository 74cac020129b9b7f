"""Articles from a folder of .txt and .html files, with an optional metadata.csv."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from framing.corpus.normalise import decode
from framing.corpus.record import Record, canonical
from framing.corpus.tabular import read_csv
from framing.errors import CorpusError

SUFFIXES = (".txt", ".html", ".htm")
# What may well hold an article and is not read: it is counted, not passed over.
_OTHER_SUFFIXES = (".pdf", ".docx", ".doc", ".rtf", ".odt", ".epub", ".mht", ".mhtml", ".eml", ".xml")
_MAX_BYTES = 20_000_000  # an article is never so long; a larger file would only exhaust the memory
METADATA = "metadata.csv"
_END_OF_ARTICLE = re.compile(
    r"^(?:End of Document|Document \w{20,}|Document \d+ of \d+)\s*$", re.MULTILINE
)  # of databases
_HEAD, _LANGUAGE = (
    5_000,
    re.compile(r"<html\b[^>]{0,500}?\blang\s*=\s*[\"']?([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)", re.IGNORECASE),
)


def from_folder(folder: Path, metadata: Path | None, *, skip_bad: bool) -> Iterator[Record]:
    """One record a file, and one with its trouble for each row of the metadata that names no file.

    `metadata` has a column `file` (path below the folder, with or without suffix); its other columns are carried through.
    Files are taken from subfolders too, in the order of their names; hidden files and links out of the folder are left alone.
    A document of another kind (.pdf, .docx and the like) becomes a record with its trouble, and so does, with `skip_bad`, a file that cannot be
    read.
    """
    described = _described(metadata) if metadata else {}
    root = folder.resolve()
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.suffix.lower() in SUFFIXES + _OTHER_SUFFIXES
        and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    ]
    if not any(path.suffix.lower() in SUFFIXES for path in files):
        raise CorpusError(f"{folder} holds no article: files ending in {', '.join(SUFFIXES)} are expected.")
    names = Counter(_spelled(each) for path in files for each in {path.name, path.stem})
    seen: set[str] = set()
    for path in files:
        name = path.relative_to(folder).as_posix()
        bare = [each for each in (path.name, path.stem) if names[_spelled(each)] == 1]  # enough where no other has it
        known = (name, str(PurePosixPath(name).with_suffix("")), f"{folder.name}/{name}", *bare)
        key = next((k for k in map(_spelled, known) if k in described), None)
        fields = dict(described[key]) if key else {}
        if key:
            seen.add(key)
        if not path.resolve().is_relative_to(root):
            yield Record(name, path.stem, fields, trouble="not read: a link that leads out of the folder")
        elif path.suffix.lower() in _OTHER_SUFFIXES:
            yield Record(
                name, path.name, fields, trouble=f"not read: {path.suffix} is not one of {', '.join(SUFFIXES)}"
            )
        elif path.stat().st_size > _MAX_BYTES:
            yield Record(name, path.stem, fields, trouble=f"not read: larger than {_MAX_BYTES:,} bytes")
        else:
            try:
                yield _read(path, name, fields)
            except CorpusError as problem:
                if not skip_bad:
                    raise
                yield Record(name, path.stem, fields, trouble=f"unreadable: {problem}")
    for key, fields in described.items():
        if key not in seen:
            yield Record(key, key, dict(fields), trouble="no such file in the folder")


def _spelled(name: str) -> str:
    """A file's name as it is compared: macOS and others spell the same letters in different ways."""
    return unicodedata.normalize("NFC", name.strip().replace("\\", "/").removeprefix("./"))


def _described(metadata: Path) -> dict[str, dict[str, str]]:
    """Rows of the metadata by their file."""
    table = read_csv(metadata)
    table = table.rename(columns={column: "file" for column in table.columns if column.strip().lower() == "file"})
    if "file" not in table.columns:
        raise CorpusError(
            f"{metadata} has no column `file`, which names each article's file; it has {list(table.columns)}."
        )
    names = canonical([column for column in table.columns if column != "file"])
    described: dict[str, dict[str, str]] = {}
    for line, row in enumerate(table.to_dict("records"), 2):
        if not any(str(cell).strip() for cell in row.values()):
            continue  # a row that a spreadsheet left empty
        key = _spelled(str(row.pop("file")))
        if key in described:
            raise CorpusError(f"{metadata}, line {line}: the file {key!r} stands in an earlier line too.")
        described[key] = {names.get(str(column), str(column)): str(value) for column, value in row.items()}
    return described


def _read(path: Path, name: str, fields: dict[str, str]) -> Record:
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise CorpusError(f"{path} cannot be read ({problem.strerror or problem}).") from problem
    text, encoding = decode(raw, str(path))
    if path.suffix.lower() == ".txt":
        if (n := len(_END_OF_ARTICLE.findall(text))) > 1:
            return Record(
                name, path.stem, fields, encoding, f"not read: it holds {n} articles; save each in a file of its own"
            )
        return Record(name, path.stem, fields | {"text": text}, encoding)
    import trafilatura  # takes most of a second, which only web pages are worth

    # Recall over precision: what trafilatura keeps too much of is set aside later, with a reason that can be seen.
    # A date is taken from the page's markup only; the extensive search would take any date or copyright year in the text.
    document = trafilatura.bare_extraction(
        text,
        include_comments=False,
        include_tables=False,
        favor_recall=True,
        with_metadata=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if document is None:
        return Record(name, path.stem, fields | {"text": ""}, encoding)
    page = document if isinstance(document, dict) else document.as_dict()
    stated = _LANGUAGE.search(text[:_HEAD])
    found = {
        "title": page.get("title"),
        "published": page.get("date"),
        "url": page.get("url"),
        "language": page.get("language") or (stated[1] if stated else None),
    }
    merged = {key: value for key, value in found.items() if value} | {k: v for k, v in fields.items() if v.strip()}
    return Record(name, path.stem, merged | {"text": page.get("text") or ""}, encoding)
