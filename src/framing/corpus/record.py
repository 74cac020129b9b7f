"""One article as a source gives it, before anything is normalised."""

from dataclasses import dataclass, field

# What publishers and exports call the columns of DOCUMENTS. The first that a source has is taken; other columns stay as they are.
ALIASES = {
    "document_id": ("document_id", "doc_id", "id", "article_id"),
    "outlet": ("outlet", "source", "publication", "publisher", "newspaper", "media"),
    "title": ("title", "headline"),
    "published": ("published", "date", "publication_date", "published_at", "pub_date"),
    "url": ("url", "link"),
    "language": ("language", "lang"),
    "text": ("text", "body", "content", "article"),
    "story_id": ("story_id",),
    "origin": ("origin", "agency"),
}


@dataclass(frozen=True)
class Record:
    """Fields of one article as strings (missing: ""), where it came from, and why it cannot be read if it cannot."""

    source: str  # file, and line or row where there are several
    fallback_id: str  # "" if only the text can name the article
    fields: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    trouble: str = ""


def canonical(columns: list[str]) -> dict[str, str]:
    """Which of a source's columns stands for which of ours: {theirs: ours}; letter case is ignored."""
    lowered = {column.strip().lower(): column for column in reversed(columns)}
    chosen: dict[str, str] = {}
    for ours, names in ALIASES.items():
        for name in names:
            if name in lowered:
                chosen[lowered[name]] = ours
                break
    return chosen
