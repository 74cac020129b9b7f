"""The Jinja2 environment of page and notebook outputs: everything is escaped unless it was made safe here."""

import base64
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from framing.bidi import direction

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """Autoescaping environment over report/templates; an unknown variable is an error."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.filters |= {"base64": _base64, "by_paragraph": by_paragraph, "direction": direction, "is_web": is_web}
    return made


@cache
def asset(name: str) -> Markup:
    """Text of a file of our own in report/templates, trusted as it is (style sheets, the Typst template)."""
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))


def by_paragraph(passages: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Passages of an evidence block, parted where their `break` says that a new paragraph begins."""
    groups: list[list[Mapping[str, Any]]] = []
    for passage in passages:
        if passage["break"] or not groups:
            groups.append([])
        groups[-1].append(passage)
    return groups


def is_web(url: str) -> bool:
    """Whether an address may become a link: http or https with a host, and nothing that hides in it."""
    return re.fullmatch(r"https?://[^\s/?#\\@\x00-\x1f][^\s\\\x00-\x1f]*", url, re.IGNORECASE) is not None


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")
