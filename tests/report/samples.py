"""Text that attacks a renderer, text of many scripts, and cells of executed notebooks."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from framing.report import blocks

HOSTILE = (
    "<script>alert('x')</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "</style></details><style>*{display:none}",
    '#read("/etc/passwd")',
    '#include "report.typ"',
    r"\input{/etc/passwd}",
    "$x$ *bold* _it_ `raw` @label <label>",
    '```{=typst} #panic("no") ```',
    "{{ 7 * 7 }} {% raw %}",
    "<!--framing-output-0-->",
)

SCRIPTS = {
    "arabic": "مرحبا بالعالم",
    "hebrew": "שלום עולם",
    "chinese": "议会周一投票",
    "japanese": "日本語の文",
    "korean": "한국어 문장",
    "devanagari": "हिन्दी",
    "thai": "สวัสดี",
    "emoji": "👨‍👩‍👧",
    "combining": "e\u0301 a\u0323",
}


def markdown(source: str, *tags: str) -> NotebookNode:
    return new_markdown_cell(source, metadata={"tags": list(tags)})


def code(*outputs: Any, tags: Sequence[str] = ()) -> NotebookNode:
    """An executed cell; an output is a block, a mapping of MIME type to data, or a ready notebook output."""
    made = []
    for output in outputs:
        if hasattr(output, "_repr_mimebundle_"):
            made.append(new_output("display_data", data=output._repr_mimebundle_()))
        elif "output_type" in output:
            made.append(output)
        else:
            made.append(new_output("display_data", data=output))
    return new_code_cell("hidden_source = 1", outputs=made, metadata={"tags": list(tags)})


def stream(text: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", text=text, name=name)


def article(text, **changes):
    passages = [
        {"text": text, "role": "for", "value": "+0.62", "voice": "quoted"},
        {"text": "Against it.", "role": "against", "value": "-0.40"},
        {"text": "Sign in.", "role": "aside", "reason": "sign-in prompt", "break": True},
        {"text": "After a gap.", "role": "plain", "gap": True},
    ]
    return {"document_id": text, "title": text, "outlet": text, "published": "2031-03-03", "url": text,
            "facts": [(text, text)], "passages": passages} | changes  # fmt: skip


def evidence(text="x", **changes):
    return blocks.evidence([article(text, **changes)], caption=text, rule=text, total=5)


def everything(ax, text):
    """Cells in which `text` stands wherever data can stand."""
    frame = pd.DataFrame({"a": [text], "n": [1.5]})
    return [
        markdown("# Section"),
        code(
            blocks.table(frame, caption=text, labels={"a": text, "n": "N"}, note=text),
            blocks.figure(ax, name="f", caption=text, alt=text),
            blocks.paragraph(text), blocks.paragraph(text, kind="notice"), blocks.paragraph(text, kind="quote"),
            blocks.facts({text: text}, caption=text), evidence(text), stream(text), {"text/plain": text},
        ),
    ]  # fmt: skip
