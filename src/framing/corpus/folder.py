"""Articles from a folder of text files and web pages, with an optional metadata.csv."""

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from framing.corpus.normalise import decode
from framing.corpus.record import Record, canonical, folded
from framing.corpus.several import articles_in_page, articles_in_text
from framing.corpus.tabular import read_csv
from framing.errors import CorpusError

_TEXTS, _PAGES = (".txt", ".text", ".md"), (".html", ".htm")
SUFFIXES = _TEXTS + _PAGES
# What pages bring along, and what systems leave behind: no article, and not worth a row. All else is counted, not passed over.
_ACCESSORIES = (
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".ico", ".avif", ".bmp", ".tif", ".tiff", ".css", ".js", ".mjs", ".map", ".woff", ".woff2",
    ".ttf", ".otf", ".eot",
)  # fmt: skip
_LEFT_BEHIND = ("thumbs.db", "desktop.ini")
_PAGE_PARTS = re.compile(r"(.+)[_-](?:files|file|dateien|fichiers|archivos|bestanden|pliki)", re.IGNORECASE)
_MAX_BYTES = 20_000_000  # an article is never so long; a larger file would only exhaust the memory
METADATA = "metadata.csv"
_LISTED = 5  # kinds of files that an error lists
# What to do with files of other kinds: one ("it") or many ("them").
NEXT = {
    **dict.fromkeys(
        (".docx", ".doc", ".odt", ".rtf", ".pdf"), "convert {it} to .txt, or to a CSV with one row per article"
    ),
    **dict.fromkeys(
        (".xlsx", ".xlsm", ".xls", ".ods", ".numbers"), "save {it} as CSV (UTF-8) with one row per article"
    ),
    **dict.fromkeys((".gz", ".zip", ".bz2", ".xz", ".zst", ".7z", ".tar"), "unpack {it} first"),
}
_TABLES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet")
_HEAD, _LANGUAGE = (
    5_000,
    re.compile(r"<html\b[^>]{0,500}?\blang\s*=\s*[\"']?([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)", re.IGNORECASE),
)
# The encoding that a page declares, where a browser looks for it. Those that are no encodings of pages are not honoured.
_DECLARED_WITHIN = 1024  # bytes
_DECLARED = re.compile(
    rb"<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*[\"']?\s*((?:iso-?8859-|windows-|cp|koi8-|gb|big5|shift_jis|euc-|latin)[\w-]{0,12})",
    re.IGNORECASE,
)
# Names that pages give to a smaller encoding than the one that they are in.
_WIDER = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}


@dataclass(frozen=True)
class _File:
    """A file or a folder of files, its name below the corpus, the id of its article where none is given, and why it is not read."""

    path: Path
    name: str
    fallback_id: str = ""
    trouble: str = ""

    @property
    def whole_names(self) -> tuple[str, ...]:
        """What the metadata may call it, from the best: first below the folder, then by the file's name alone."""
        return (self.name, self.path.name)

    @property
    def stems(self) -> tuple[str, ...]:
        return tuple(str(PurePosixPath(name).with_suffix("")) for name in self.whole_names)


def from_folder(folder: Path, metadata: Path | None, *, skip_bad: bool) -> Iterator[Record]:
    """One record a file, and one with its trouble for each row of the metadata that names no file.

    `metadata` has a column `file` or `filename` (path below the folder, with or without suffix); its other columns are carried through. Where none is
    passed, a metadata.csv in the folder is taken, in whatever case its name is written.
    Files are taken from subfolders too, in the order of their names; hidden files and links out of the folder are left alone, and so are
    pictures, styles, scripts and fonts. A file of another kind (.pdf, .json and the like) becomes a record with its trouble, and so does a
    README, the folder of what belongs to a saved page and, with `skip_bad`, a file that cannot be read.

    Raises
    ------
    CorpusError
        If there is no article, the metadata cannot be followed, or a file cannot be read and `skip_bad` is not set.
    """
    own = own_metadata(folder)
    chosen = metadata or own
    described = _described(chosen) if chosen else {}
    files = _files(folder, {path.resolve() for path in (metadata, own) if path})
    if all(file.trouble for file in files):
        raise CorpusError(
            f"{folder} holds no article: files ending in {', '.join(SUFFIXES)} are expected; {_instead(files)}."
        )
    seen: set[str] = set()
    for file, names in zip(files, _names(folder, files), strict=True):
        key = next((name for name in names if name in described), None)
        fields = dict(described[key]) if key else {}
        if key:
            seen.add(key)
        if file.trouble:
            yield Record(file.name, file.fallback_id, fields, trouble=file.trouble)
            continue
        try:
            yield _read(file, fields)
        except CorpusError as problem:
            if not skip_bad:
                raise
            yield Record(file.name, file.fallback_id, fields, trouble=f"unreadable: {problem}")
    for key, fields in described.items():
        if key not in seen:
            yield Record(key, key, dict(fields), trouble="no such file in the folder")


def _instead(files: list[_File]) -> str:
    """What was found where no file is an article: the kinds of files, and what to do with them."""
    kinds = Counter(file.path.suffix.lower() for file in files)
    found = [
        f"{n:,} {kind or 'without a suffix'}{_next_step(kind, n)}"
        for kind, n in kinds.most_common(_LISTED)
        if kind not in SUFFIXES
    ]
    found += [f"{file.name!r} ({file.trouble})" for file in files if file.path.suffix.lower() in SUFFIXES][:_LISTED]
    return f"found {'; '.join(found)}" if found else "found none"


def _next_step(kind: str, n: int) -> str:
    if kind in _TABLES:
        return ": name a file with a table of articles itself, not its folder"
    return f": {NEXT[kind].format(it='it' if n == 1 else 'them')}" if kind in NEXT else ""


def own_metadata(folder: Path) -> Path | None:
    """The folder's metadata.csv, in whatever case its name is written."""
    found = [path for path in folder.iterdir() if path.name.lower() == METADATA and path.is_file()]
    return min(found, key=lambda path: (path.name != METADATA, path.name), default=None)


def _files(folder: Path, metadata: set[Path]) -> list[_File]:
    """What lies in a folder and its subfolders and may be somebody's article, in the order of the names."""
    files: dict[str, _File] = {}
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        hidden = any(part.startswith((".", "~$")) for part in below.parts) or path.name.lower() in _LEFT_BEHIND
        if hidden or not path.is_file() or path.suffix.lower() in _ACCESSORIES or path.resolve() in metadata:
            continue
        name = below.as_posix()
        if page := _page_of(folder, below):
            part, page_name = page
            files[part] = _File(folder / part, part, trouble=f"not read: part of the saved page {page_name}")
        else:
            files[name] = _File(path, name, trouble=_trouble(path, root))
    return _with_ids(list(files.values()))


def _trouble(path: Path, root: Path) -> str:
    """Why a file is not read, or ""."""
    if not path.resolve().is_relative_to(root):
        return "not read: a link that leads out of the folder"
    if path.suffix.lower() not in SUFFIXES:
        return f"not read: {path.suffix or 'a name without a suffix'} is not one of {', '.join(SUFFIXES)}"
    if path.stem.lower() == "readme":
        return "not read: a README is not an article"
    if path.stat().st_size > _MAX_BYTES:
        return f"not read: larger than {_MAX_BYTES:,} bytes"
    return ""


def _page_of(folder: Path, below: Path) -> tuple[str, str] | None:
    """Of a file that a browser saved beside a page: the folder of such files, and the page."""
    for parent in reversed(below.parents):
        if match := _PAGE_PARTS.fullmatch(parent.name):
            for suffix in _PAGES:
                page = parent.with_name(match[1] + suffix)
                if (folder / page).is_file():
                    return parent.as_posix(), page.as_posix()
    return None


def _with_ids(files: list[_File]) -> list[_File]:
    """Each file with its stem as the id of its article, or as much of its path as no other file has; one that is not read keeps its suffix."""
    short = [file.path.name if file.trouble else file.path.stem for file in files]
    longer = [file.name if file.trouble else file.stems[0] for file in files]
    ids = short
    for forms in (longer, [file.name for file in files]):
        times = Counter(map(_spelled, ids))
        ids = [form if times[_spelled(given)] > 1 else given for given, form in zip(ids, forms, strict=True)]
    return [replace(file, fallback_id=given) for file, given in zip(files, ids, strict=True)]


def _names(folder: Path, files: list[_File]) -> Iterator[list[str]]:
    """For each file what the metadata may call it. A name without path is enough where no other file has it.

    A name without suffix means the file that is read, if one of that name is.
    """
    read = {_spelled(stem) for file in files if not file.trouble for stem in file.stems}
    stems = [[stem for stem in file.stems if not file.trouble or _spelled(stem) not in read] for file in files]
    times = Counter(
        _spelled(bare) for file, own in zip(files, stems, strict=True) for bare in {file.path.name, *own[-1:]}
    )
    for file, own in zip(files, stems, strict=True):
        known = [file.name, *own[:1], f"{folder.name}/{file.name}"]
        known += [bare for bare in (file.path.name, *own[-1:]) if times[_spelled(bare)] == 1]
        yield [_spelled(name) for name in known]


def _spelled(name: str) -> str:
    """A file's name as it is compared: macOS and others spell the same letters in different ways."""
    return unicodedata.normalize("NFC", name.strip().replace("\\", "/").removeprefix("./"))


def file_column(columns: list[str]) -> str | None:
    """The column of metadata that names each article's file: `file`, else `filename` or `file_name`."""
    for name in ("file", "filename"):
        if found := next((column for column in columns if folded(column) == name), None):
            return found
    return None


def _described(metadata: Path) -> dict[str, dict[str, str]]:
    """Rows of the metadata by their file."""
    table = read_csv(metadata)
    naming = file_column(list(table.columns))
    if naming is None:
        raise CorpusError(
            f"{metadata} has no column `file` (or `filename`), which names each article's file; it has {list(table.columns)}. "
            "Rename the one that does."
        )
    names = canonical([column for column in table.columns if column != naming])
    described: dict[str, dict[str, str]] = {}
    for line, row in zip(table.index, table.to_dict("records"), strict=True):
        if not any(str(cell).strip() for cell in row.values()):
            continue  # a row that a spreadsheet left empty
        key = _spelled(str(row.pop(naming)))
        if key in described:
            raise CorpusError(f"{metadata}, line {line}: the file {key!r} appears in an earlier line too.")
        described[key] = {names.get(str(column), str(column)): str(value) for column, value in row.items()}
    return described


def _read(file: _File, fields: dict[str, str]) -> Record:
    path = file.path
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise CorpusError(f"{path} cannot be read ({problem.strerror or problem}).") from problem
    is_page = path.suffix.lower() in _PAGES
    text, encoding = _decode_page(raw, str(path)) if is_page else decode(raw, str(path))
    if (n := articles_in_page(text) if is_page else articles_in_text(text)) > 1:
        trouble = f"not read: it holds {n:,} articles; split it, or convert it to a CSV with one row per article"
        return Record(file.name, file.fallback_id, fields, encoding, trouble)
    if not is_page:
        return Record(file.name, file.fallback_id, fields | {"text": text}, encoding)
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
        return Record(file.name, file.fallback_id, fields | {"text": ""}, encoding)
    page = document if isinstance(document, dict) else document.as_dict()
    stated = _LANGUAGE.search(text[:_HEAD])
    found = {
        "title": page.get("title"),
        "published": page.get("date"),
        "url": page.get("url"),
        "language": page.get("language") or (stated[1] if stated else None),
    }
    merged = {key: value for key, value in found.items() if value} | {k: v for k, v in fields.items() if v.strip()}
    return Record(file.name, file.fallback_id, merged | {"text": page.get("text") or ""}, encoding)


def _decode_page(raw: bytes, name: str) -> tuple[str, str]:
    """Text of a page and its encoding: where the bytes are no UTF, what the page declares, before any guess."""
    declared = _declared(raw)
    try:
        text, encoding = decode(raw, name)
    except CorpusError:
        if not declared:
            raise
        encoding = ""
    if not declared or encoding.startswith("utf-"):
        return text, encoding
    return raw.decode(declared, errors="replace"), declared


def _declared(raw: bytes) -> str:
    """The encoding that a page declares, by Python's name; "" if it declares none that pages are in."""
    match = _DECLARED.search(raw[:_DECLARED_WITHIN])
    try:
        name = codecs.lookup(match[1].decode("ascii")).name if match else ""
    except LookupError:
        return ""
    return _WIDER.get(name, name)
