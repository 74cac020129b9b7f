"""Raw files -> DOCUMENTS. One module a source format, then normalising and duplicates."""

from framing.corpus.read import intake, iter_corpus, read_corpus, why_nothing

__all__ = ["intake", "iter_corpus", "read_corpus", "why_nothing"]
