"""Raw files -> DOCUMENTS. One module a source format, then normalising and duplicates."""

from framing.corpus.read import intake, read_corpus

__all__ = ["intake", "read_corpus"]
