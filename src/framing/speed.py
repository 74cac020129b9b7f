"""How fast a model is on this machine, and how long a run takes at that speed."""

import sys
import time
from collections.abc import Sequence
from typing import Protocol

_FEW = 10  # passages; so few are not worth a look at the speed
_SOON = 5  # seconds; what is done by then needs no estimate
MEASURED = 0.5  # seconds, for an estimate
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400

# Sentences of a newspaper's length, short and long in turn, about nothing in particular; all distinct, as those of a corpus are.
SENTENCES = (
    "The committee will meet again on Thursday.",
    "Two of the members asked for more time, and the chair agreed to move the vote to the second week of the month.",
    "A spokesman said that the work was going as planned.",
    "According to the plan, which was presented in the town hall on Monday evening, the old station will be rebuilt within three years.",
    "Nobody was hurt.",
    "The new timetable takes effect in spring and adds four trains a day, two in the morning and two in the late afternoon.",
    "“We have waited a long time for this,” she said after the meeting.",
    "The museum, which had been closed since the roof was damaged in a storm, opened its doors to visitors again last weekend.",
    "Most of the money comes from the region, the rest from a foundation.",
    "Asked whether the date could still change, he answered that everything depended on the weather in the coming days.",
    "The report runs to two hundred pages.",
    "Its authors spoke with more than sixty people over the course of a year and read several thousand letters from the archive.",
    "Farmers in the valley expect a good harvest after a wet June.",
    "The company said in a statement that it had received the letter and would reply to it in writing before the end of the week.",
    "The road stays closed until further notice.",
    "In the past ten years the number of pupils has grown by a third, while the number of classrooms has stayed the same.",
    "Her predecessor had held the office for eleven years.",
    "The orchestra will play three concerts in the north of the country before it returns home for the opening of the season.",
    "Tickets are sold at the door and in the library.",
    "Researchers at the institute measured the water level at nine places along the river and compared it with old records.",
    "He did not say when the talks would go on.",
    "The two cities have been partners for forty years, and a delegation of teachers and firefighters travels there every autumn.",
    "A second round of interviews is planned for next month.",
    "The mayor thanked the volunteers, most of whom had worked through the night, and invited them to a dinner in the town hall.",
    "The figures were published on Friday.",
    "They show that fewer people moved into the area than in the year before, although more flats had been built.",
    "Rain is expected in the west from noon.",
    "The architect had first drawn the building with a flat roof, but changed her mind when she saw the houses around it.",
    "The bridge over the canal was painted green.",
    "Under the agreement both sides will exchange letters once a year and send a joint summary to everyone who asks for it.",
    "Several readers wrote in to correct the spelling of the name.",
    "The library, the bakery and the small cinema next to the market have all extended their opening hours for the summer.",
    "An earlier version of the text named the wrong day.",
    "When the factory was sold for the third time, the new owners kept all of the staff and promised to repair the main hall.",
    "The jury will announce its choice in October.",
    "Only one of the five applicants came from outside the region, and she withdrew her application a few days later.",
    "The train left on time.",
    "He has written four books about the history of clocks, the last of which was translated into nine languages.",
    "Children under six need no ticket.",
    "The association wants to plant a thousand trees by the end of next year and is looking for people who own a spade.",
)  # fmt: skip


class Scorer(Protocol):
    """What is measured of a model; see `framing.entailment.EntailmentModel`."""

    def entail_table(self, premises: Sequence[str], hypotheses: Sequence[str]) -> object: ...


def watched(progress: bool | None) -> bool:
    """Whether to show a progress bar: as asked or, by default, where the error stream is a terminal or a notebook."""
    return progress if progress is not None else sys.stderr.isatty() or "ipykernel" in sys.modules


def pairs_per_second(model: Scorer, hypotheses: int, seconds: float = 1.0) -> float:
    """Pairs of passage and hypothesis that a model scores in a second, measured now, beside whatever else runs here.

    Ever more sentences are put to the model at a time, as many as half of `seconds` allows, and then again and again until `seconds` are
    over: a fast model is measured on full batches, a slow one on a sentence or two.

    Parameters
    ----------
    model : Scorer
    hypotheses : int, 1 or more
        How many each sentence is scored under.
    seconds : float
        About how long to measure; a slow model takes what its one sentence takes.

    Raises
    ------
    ValueError
        If `hypotheses` is below 1.
    """
    if hypotheses < 1:
        raise ValueError(f"`hypotheses` must be 1 or more, but {hypotheses!r} was passed.")
    wordings = [f"The text says something about point {i} of the list." for i in range(1, hypotheses + 1)]
    model.entail_table(SENTENCES[:1], wordings[:1])  # what is done once only is not to count

    size, took = 1, _took(model, SENTENCES[:1], wordings)
    total = took
    while took < seconds / 2 and size < len(SENTENCES):
        size = min(2 * size, len(SENTENCES))
        took = _took(model, SENTENCES[:size], wordings)
        total += took
    rounds, measured = 1, took
    while total < seconds:
        took = _took(model, SENTENCES[:size], wordings)
        rounds, measured, total = rounds + 1, measured + took, total + took
    return rounds * size * hypotheses / measured


def estimate(model: Scorer, pairs: int, hypotheses: int) -> str:
    """How long a run takes this process, in one line, measured now; empty if it takes less than five seconds, or asks about ten passages or fewer.

    Without a full stop, so that it can be said who else works.

    Parameters
    ----------
    model : Scorer
    pairs : int
        Of a passage and a hypothesis, that are to be scored.
    hypotheses : int, 1 or more
        How many each passage is scored under.
    """
    if pairs <= _FEW * hypotheses:
        return ""
    seconds = 0.0
    # A sentence by itself is slower than many together: what is soon done at its speed is soon done.
    for measured in (0, MEASURED):
        seconds = pairs / pairs_per_second(model, hypotheses, measured)
        if seconds < _SOON:
            return ""
    return f"{pairs:,} pairs of a passage and a hypothesis are to be scored: {told(seconds)}"


def _took(model: Scorer, premises: Sequence[str], hypotheses: Sequence[str]) -> float:
    started = time.perf_counter()
    model.entail_table(premises, hypotheses)
    return max(time.perf_counter() - started, 1e-9)  # a clock may stand still for a moment


def told(seconds: float) -> str:
    """A length of time as a person would say it: "under a minute", "about 3 minutes", "about 2 hours", "about 5 days"."""
    if seconds < _MINUTE:
        return "under a minute"
    for unit, name, limit in ((_MINUTE, "minute", 90 * _MINUTE), (_HOUR, "hour", 2 * _DAY)):
        if seconds < limit:
            return _about(seconds / unit, name)
    return _about(seconds / _DAY, "day")


def _about(number: float, unit: str) -> str:
    whole = round(number)
    return f"about {whole:,} {unit}{'' if whole == 1 else 's'}"
