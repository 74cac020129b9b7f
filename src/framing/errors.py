"""What can go wrong, as few exceptions as the reader has next steps.

Every message is one line for a person: what is wrong, where, what is allowed, what came, what to do next.
"""


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
