"""What can go wrong, as few exceptions as the reader has next steps.

Every message is one line for a person: what is wrong, where, what is allowed, what came, what to do next.
"""

import difflib
from collections.abc import Iterable

_LISTED = 12  # names that a message lists


class FramingError(Exception):
    """Anything that the user can mend; the command line prints it as one line and exits with 1."""


class CorpusError(FramingError):
    """Articles or their metadata cannot be read as they are."""


class CodebookError(FramingError):
    """A codebook file breaks its form; the message names line, field and allowed values."""


class StudyError(FramingError):
    """study.yaml or a setting given on the command line breaks its form."""


class TableError(FramingError):
    """A table breaks the contract of its stage."""


class ModelError(FramingError):
    """A model cannot be loaded, or must not be."""


class EngineError(FramingError):
    """Workers cannot be had as they were asked for, or they do not work."""


class ReportError(FramingError):
    """A notebook failed, or its outcome cannot be rendered; the previous report stays in place."""


class StorageError(FramingError):
    """A file cannot be written, or a folder is held by another run; what was there before is intact."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence on a name that is not known: the one that is most like it, if one is."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else "."


def check_known(
    what: str, name: str, known: Iterable[str], *, where: str = "this table", error: type[FramingError] = TableError
) -> None:
    """Refuse a name that is not there though others are, since a selection by it would be empty and read as a finding.

    Where there are no names at all, as in the tables of a corpus without a score, an empty selection is what there is.

    Raises
    ------
    FramingError
        Of the kind `error`; it lists names that are there (up to twelve).
    """
    names = list(dict.fromkeys(known))
    if not names or name in names:
        return
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    raise error(f"{what} {name!r} is not in {where}; it has {names[:_LISTED]}{more}{did_you_mean(name, names)}")
