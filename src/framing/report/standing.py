"""What coded passages say of the scores: what they support, what they do not, and where the model errs."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from framing.analysis import Analysis
from framing.bidi import isolated
from framing.bootstrap import FEWEST
from framing.codebook import AXIS, Codebook
from framing.evidence import main_construct
from framing.figures import signed
from framing.outlets import UNKNOWN
from framing.report.exhibits import leaves_out_zero
from framing.report.words import labels_of, number
from framing.validation import RANKS

BAR = 0.7  # which the lower bound of an AUC's interval must reach before a construct is reported; better than chance is not enough
FEW = 10  # codes, or articles: with fewer, an interval is far too narrow
NOTHING_CODED = "The scores were not validated against hand-coded passages of this corpus."
_CHANCE = {"AUC": 0.5, RANKS: 0.0}  # what a coin reaches
_BARS = {**_CHANCE, "AUC": BAR}
_SUPPORTED, _BELOW, _AT_CHANCE, _REVERSED, _RARE, _UNORDERED, _NARROW, _CONSTANT = (
    "supported", "better than chance", "chance", "reversed", "coded too seldom", "too few articles to be ordered", "coded in too few articles",
    "no interval",
)  # fmt: skip
_UNSUPPORTED, _UNSURE, _UNCODED = "not supported", "too few codes", "not coded"  # of a construct, or _SUPPORTED
_MOSTLY = 0.5  # precision or recall below which most of what is found is wrong, or most of what is there is not found
_SOME = 5  # coded passages that are found in a group: with fewer, nothing is said of it


def supported(analysis: Analysis, construct: str) -> bool | None:
    """Whether coded passages support what the scores of a construct say.

    They do where each of its AUCs rests on enough codes and has an interval whose lower bound is `BAR` or more, and where the order of the
    articles, if it was held against the coders', is better than chance. They do not where one of these has an interval that says otherwise.

    Returns
    -------
    bool or None
        None where nobody coded the construct, or too few codes are there to say.
    """
    return {_SUPPORTED: True, _UNSUPPORTED: False}.get(_standing(analysis, construct))


def _standing(analysis: Analysis, construct: str) -> str:
    """What all that was held against the codes of a construct says together."""
    rows = analysis.agreement
    rows = rows[(rows["construct"] == construct) & rows["statistic"].isin(list(_CHANCE))]
    if rows["value"].isna().all():
        return _UNCODED
    verdicts = {_verdict(row, _BARS) for row in rows.to_dict("records")}
    if verdicts & {_BELOW, _AT_CHANCE, _REVERSED}:
        return _UNSUPPORTED
    return _SUPPORTED if verdicts == {_SUPPORTED} else _UNSURE


def mark(analysis: Analysis, codebook: Codebook, *constructs: str) -> str:
    """What a caption says of its constructs: which the codes do not support, for which there are too few of them, and which nobody coded; "" if it
    is none of these."""
    words = {_UNSUPPORTED: "NOT SUPPORTED BY CODES", _UNSURE: "TOO FEW CODES TO SAY", _UNCODED: "NOT VALIDATED"}
    standing = {construct: _standing(analysis, construct) for construct in constructs}
    marks = {said: [each for each, of in standing.items() if of == kind] for kind, said in words.items()}
    return _in_brackets(marks, codebook, len(constructs))


def mark_groups(analysis: Analysis, codebook: Codebook, *constructs: str) -> str:
    """What the caption of a comparison of groups says beside `mark`: for which constructs the model's error differs between groups, so that a
    difference of means may be one of errors; "" if for none."""
    uneven = set(analysis.errors.loc[_uneven(analysis.errors), "construct"])
    marks = {"ERROR DIFFERS BETWEEN GROUPS": [construct for construct in constructs if construct in uneven]}
    return mark(analysis, codebook, *constructs) + _in_brackets(marks, codebook, len(constructs))


def _in_brackets(marks: Mapping[str, Sequence[str]], codebook: Codebook, of: int) -> str:
    """Words with the constructs that they are true of, unless these are all `of` them."""
    parts = []
    for words, constructs in marks.items():
        names = ", ".join(isolated(codebook.names()[construct]) for construct in constructs)
        if constructs:
            parts.append(words if len(constructs) == of else f"{words}: {names}")
    return f" ({'; '.join(parts)})" if parts else ""


def _uneven(errors: pd.DataFrame) -> "pd.Series[bool]":
    """Of which groups with a name the error lies beyond that of the other groups."""
    return (errors["group"] != UNKNOWN) & leaves_out_zero(errors, "relative_")


def caution(analysis: Analysis, codebook: Codebook) -> str:
    """What the coded passages do not support, which decisions at the threshold are mostly wrong and what they mostly miss; "" if there is
    nothing to say."""
    rows = _questions(analysis, codebook)
    said = _unsupported(rows, "not to be reported as findings", _BARS)
    wrong = [f"{name} ({row['precision']:.0%} of {row['n_found']})" for name, row in rows if row["precision"] < _MOSTLY]
    if wrong:
        said.append(
            f"Of the coded passages that reach the threshold, fewer than half have the code: {'; '.join(wrong)}."
        )
    missed = [f"{name} ({row['recall']:.0%} of {row['n_positive']})" for name, row in rows if row["recall"] < _MOSTLY]
    if missed:
        said.append(
            f"Of the passages with the code, fewer than half reach the threshold, so a low share is no sign of absence: {'; '.join(missed)}."
        )
    return " ".join(said)


def caution_in_short(analysis: Analysis, codebook: Codebook) -> str:
    """What the coded passages do not support, and of what most that is found is wrong, or most that is there is missed."""
    rows = _questions(analysis, codebook)
    said = _unsupported(rows, "not to be reported as findings", _BARS)
    unsure = [name for name, row in rows if row["precision"] < _MOSTLY or row["recall"] < _MOSTLY]
    if unsure:
        said.append(
            f"At the threshold, most of what is found is wrong, or most of what is there is missed: {'; '.join(unsure)}. The table of what is found "
            "at the threshold has the figures."
        )
    return " ".join(said)


def _questions(analysis: Analysis, codebook: Codebook) -> list[tuple[str, dict[Hashable, Any]]]:
    """What was asked of the scores with the coded passages, in words, and what came out."""
    labels = labels_of(codebook)
    return [
        (f"{labels[row['construct']]}, {row['question']}", row)
        for row in analysis.agreement.to_dict("records")
        if row["statistic"] in _CHANCE
    ]


def errors_in_groups(errors: pd.DataFrame, codebook: Codebook) -> str:
    """In which groups the values of the main construct are too high or too low, and where the error differs between groups; and which of the other
    constructs err so; "" if none does.

    `errors` is what `framing.report.exhibits.error_table` returns.
    """
    main = main_construct(codebook)
    others = [part for construct, part in errors.groupby("construct", sort=False) if construct != main]
    named = [isolated(part["what"].iloc[0]) for part in others if _errors(part)]
    more = (
        f"The values err in some groups for {', '.join(named)} as well: see the table of mean values and mean codes."
        if named
        else ""
    )
    return f"{_errors(errors[errors['construct'] == main])} {more}".strip()


def _errors(errors: pd.DataFrame) -> str:
    """Where the values of a construct are too high or too low, and where the error differs between groups; "" if nowhere."""
    named = errors[(errors["group"] != UNKNOWN) & (errors["n_documents"] >= FEWEST)]
    off = _listed_errors(named[leaves_out_zero(named)], "difference")
    uneven = _listed_errors(named[_uneven(named)], "relative")
    said = []
    if uneven:
        ranges = [f"{signed(named[column].min())} to {signed(named[column].max())}" for column in ("code", "value")]
        name = isolated(named["what"].iloc[0])
        said.append(
            f"{name}: over the coded passages the groups' means run from {ranges[0]} by the codes, and from {ranges[1]} by the values. "
            "The error of the values differs between groups, so a difference between groups may come from the model or be hidden by it "
            f"(mean value minus mean code, against that of the other groups): {uneven}."
        )
    if off:
        said.append(
            "In these groups the values are too high (+) or too low (−) against the coded passages, and the 95% interval excludes 0 "
            f"(mean value minus mean code): {off}."
        )
    return " ".join(said)


def _listed_errors(rows: pd.DataFrame, column: str) -> str:
    """The groups of a construct with a number, in words; "" if there are none."""
    if rows.empty:
        return ""
    groups = [f"{isolated(row['group'])} {signed(row[column])}" for row in rows.to_dict("records")]
    return f"{isolated(rows['what'].iloc[0])} ({', '.join(groups)})"


def wrong_in_groups(found: pd.DataFrame, codebook: Codebook) -> str:
    """Where most of what is found in a group, as far as it was coded, is wrong, whatever holds of all groups together; "" if nowhere.

    `found` is what `framing.bygroup.found_by_group` returns.
    """
    labels = labels_of(codebook)
    bad = found[(found["n_coded"] >= _SOME) & (found["n_right"] < _MOSTLY * found["n_coded"])]
    which = "; ".join(
        f"{isolated(row['group'])}, {labels[row['construct']]}, {row['question']} ({row['n_right']} of {row['n_coded']})"
        for row in bad.to_dict("records")
    )
    return f"Of the coded passages that are found in a group, fewer than half have the code: {which}." if which else ""


def poor_hypotheses(analysis: Analysis, codebook: Codebook) -> str:
    """Wordings that alone do not tell coded passages from others; "" if there is none."""
    labels = labels_of(codebook)
    rows = [
        (f"“{isolated(row['hypothesis'])}” ({labels[row['construct']]}, {row['question']})", row)
        for row in analysis.hypothesis_agreement.to_dict("records")
    ]
    return " ".join(_unsupported(rows, "to be reworded", _CHANCE))


def not_validated(analysis: Analysis, codebook: Codebook) -> str:
    """Which constructs no coder has judged; the axis is judged by its two frames."""
    coded = set(analysis.agreement.dropna(subset="value")["construct"])
    if not coded:
        return NOTHING_CODED
    without = [label for construct, label in labels_of(codebook).items() if construct not in {*coded, AXIS}]
    return f"Not validated against hand-coded passages: {', '.join(without)}." if without else ""


def _unsupported(rows: list[tuple[str, dict[Hashable, Any]]], hence: str, bars: Mapping[str, float]) -> list[str]:
    """A sentence for each way in which coded passages can fail to bear out what is named."""
    sentences = {
        _AT_CHANCE: f"Not distinguishable from chance on the coded passages, and {hence}",
        _BELOW: f"Better than chance, but with a lower bound of the interval below {BAR:.2f}, and {hence}",
        _REVERSED: f"Higher for passages without the code than for those with it, and {hence}",
        _RARE: f"Coded too seldom to say (fewer than {FEW} passages with the code, or without it)",
        _UNORDERED: f"Coded in too few articles to say how these are ordered (fewer than {FEW})",
        _NARROW: f"Coded in too few articles to say (fewer than {FEWEST} with the code, or without it)",
        _CONSTANT: "Without an interval, because every draw of articles gives the same value",
    }
    judged = [(name, row, _verdict(row, bars)) for name, row in rows]
    named = {
        verdict: [f"{name} ({_counted(row, verdict)})" for name, row, of in judged if of == verdict]
        for verdict in sentences
    }  # fmt: skip
    return [f"{sentences[verdict]}: {'; '.join(which)}." for verdict, which in named.items() if which]


def _verdict(row: Mapping[Hashable, Any], bars: Mapping[str, float]) -> str:
    """What coded passages say of one row of agreement; `bars` are what the lower bounds must reach."""
    statistic = _statistic(row)
    chance = _CHANCE[statistic]
    if statistic == RANKS and row["n"] < FEW:
        return _UNORDERED
    if statistic != RANKS and min(row["n_positive"], row["n"] - row["n_positive"]) < FEW:
        return _RARE
    if row["low"] != row["low"]:
        if row["n_clusters"] < FEWEST:
            return _NARROW
        return _SUPPORTED if row["value"] == 1 else _CONSTANT  # perfect in every draw, which no interval can show
    if row["high"] < chance:
        return _REVERSED
    if row["low"] <= chance:
        return _AT_CHANCE
    return _SUPPORTED if row["low"] >= bars[statistic] else _BELOW


def _counted(row: Mapping[Hashable, Any], verdict: str) -> str:
    """What a verdict rests on: how many codes, how many articles, or the value with its interval."""
    if verdict == _RARE:
        return f"{row['n_positive']} of {row['n']}"
    return number(row["n"], "article") if verdict == _UNORDERED else _agreed(row)


def _statistic(row: Mapping[Hashable, Any]) -> str:
    return str(row.get("statistic", "AUC"))  # a hypothesis alone has no other


def _agreed(row: Mapping[Hashable, Any]) -> str:
    return f"{_statistic(row)} {row['value']:.2f}, {bounds(row)}".replace("-", "−")


def bounds(row: Mapping[Hashable, Any]) -> str:
    if row["low"] != row["low"]:
        return "no interval"
    # 0.697 is below the bar, and is not to be printed as the bar.
    low = f"{row['low']:.3f}" if row["low"] < BAR <= round(row["low"], 2) else f"{row['low']:.2f}"
    return f"{low} to {row['high']:.2f}".replace("-", "−")
