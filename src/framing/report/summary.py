"""What came out, in a few plain paragraphs."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from framing.analysis import Analysis
from framing.articles import ALL
from framing.bidi import isolated
from framing.bootstrap import FEWEST
from framing.codebook import STANCE, Codebook
from framing.correction import ENOUGH
from framing.evidence import main_construct, rows_of
from framing.figures import interval_in_words, signed
from framing.outlets import STORIES_NEEDED, UNKNOWN, group_labels
from framing.report.exhibits import difference_table, error_table
from framing.report.standing import bounds, caution_in_short, errors_in_groups, not_validated, supported
from framing.report.words import failed, named_groups, number, scored_documents, unscored
from framing.validation import RANKS

_NAMED = 5  # groups that a sentence names at most
_FEW_ARTICLES = 10  # of a group: with fewer, an interval is still a little too narrow


def in_short(analysis: Analysis, codebook: Codebook) -> str:
    """What came out, in a few paragraphs of plain sentences made from the tables.

    Counts and means of a construct that the coded passages do not support are left out, and it is said that they are.
    """
    parts = (
        _extent(analysis),
        _corrected(analysis, codebook),
        _ends(analysis, codebook),
        errors_in_groups(error_table(analysis, codebook), codebook),
        _stances(analysis, codebook),
        not_validated(analysis, codebook),
        caution_in_short(analysis, codebook),
    )
    return "\n\n".join(part for part in parts if part)


def _extent(analysis: Analysis) -> str:
    documents = scored_documents(analysis)
    days = documents["published"].dropna()
    period = f", from {days.min().date()} to {days.max().date()}" if len(days) else ""
    stories = documents["story_id"].nunique()
    on_stories = f" on {stories} stories" if stories > 1 else ""
    passages = analysis.counts["passages"]["kept"]
    sample = "A random sample: " if "sample" in analysis.counts else ""
    extent = f"{sample}{number(len(documents), 'article')} of {_of_groups(analysis)}{on_stories}{period}; {number(passages, 'passage')}"
    return f"{extent}{failed(analysis)}. {unscored(analysis)}".rstrip()


def _of_groups(analysis: Analysis) -> str:
    """How many groups the articles with a score are of, and how many of these articles are of no group that is named."""
    groups = len(named_groups(analysis))
    unnamed = analysis.outlets.loc[analysis.outlets["outlet"] == UNKNOWN, "n_documents"].max()
    return (
        f"{number(groups, 'named group')} ({number(unnamed, 'article')} without one)"
        if unnamed > 0
        else number(groups, "group")
    )


def _corrected(analysis: Analysis, codebook: Codebook) -> str:
    """The highest and the lowest group of the main construct once the model's errors are taken off, where a drawn sample was coded."""
    construct, table = main_construct(codebook), analysis.corrected_estimates
    rows = table[(table["construct"] == construct) & (table["outlet"] != UNKNOWN) & (table["n_coded"] >= ENOUGH)]
    rows = rows.dropna(subset="corrected_low")
    if len(rows) < 2:
        return ""
    ordered = rows.sort_values("corrected").to_dict("records")
    lowest, highest = (
        f"{isolated(row['outlet'])} ({signed(row['corrected'])}, 95% interval {signed(row['corrected_low'])} to "
        f"{signed(row['corrected_high'])}; by the model alone {signed(row['raw'])})"
        for row in (ordered[0], ordered[-1])
    )
    return (
        f"{isolated(codebook.names()[construct])}, corrected for the model's errors, for {len(rows)} groups with {ENOUGH} coded passages or more: "
        f"the highest mean has {highest}, the lowest {lowest}. These are the means to report; those below are the model's alone."
    )


def _ends(analysis: Analysis, codebook: Codebook) -> str:
    """The highest and the lowest group of the main construct, and which groups differ from the others."""
    construct = main_construct(codebook)
    if supported(analysis, construct) is False:
        return f"{isolated(codebook.names()[construct])}: the coded passages do not support it, so its means are not summarised here."
    plus, minus = map(isolated, codebook.ends(construct))
    outlets = analysis.outlets
    rows = outlets[(outlets["construct"] == construct) & (outlets["voice"] == ALL) & (outlets["outlet"] != UNKNOWN)]
    rows = rows.dropna(subset="estimate")
    everyone = int((outlets["construct"].eq(construct) & outlets["voice"].eq(ALL)).sum())
    # A single article says little of its outlet: it is an end only where nothing else is there.
    if (settled := rows["low"].notna()).sum() >= 2:
        rows = rows[settled]
    if len(rows) < 2:
        return ""
    ordered = rows.sort_values("estimate").to_dict("records")
    lowest, highest = ordered[0], ordered[-1]
    groups = f"{len(rows)} groups" if len(rows) == everyone else f"{len(rows)} named groups"
    if not rows["low"].isna().all() and len(rows) != everyone:
        groups = f"{groups} with an interval"
    scale = f"{plus} at +1, {minus} at −1" if minus else "from 0 to 1"
    overall = rows_of(analysis.articles, construct)["score"].mean()
    means = (
        f"{isolated(codebook.names()[construct])} ({scale}): of {groups}, {isolated(highest['outlet'])} has the highest mean "
        f"({_estimate(highest)}) and {isolated(lowest['outlet'])} the lowest ({_estimate(lowest)}). The mean over all articles is {signed(overall)}."
    )
    return f"{means} {_differences(analysis, construct)}"


def _differences(analysis: Analysis, construct: str) -> str:
    """Which groups differ from the others, by intervals that hold for all of them together."""
    table = difference_table(analysis, construct)
    compared = table.dropna(subset="difference")
    if compared.empty:
        return f"No difference between groups can be estimated: fewer than two have {FEWEST} articles."
    if len(compared) == 2:
        first, second = compared.to_dict("records")
        return (
            f"The difference between {isolated(first['group'])} and {isolated(second['group'])} is {signed(first['difference'])} "
            f"({interval_in_words(first)})."
        )
    together = f"by intervals that hold for all {len(compared)} groups together"
    apart = {"higher": compared[compared["low"] > 0], "lower": compared[compared["high"] < 0].iloc[::-1]}
    said = [f"{words} {_listed(rows)}" for words, rows in apart.items() if len(rows)]
    if not said:
        largest = max(compared.to_dict("records"), key=lambda row: abs(row["difference"]))
        reach = ((compared["high"] - compared["low"]) / 2).max()
        open_ = f"; differences of up to ±{reach:.2f} cannot be excluded" if reach == reach else ""
        return (
            f"No group differs distinguishably from the mean of the other groups, {together}: the largest difference is that of "
            f"{isolated(largest['group'])} ({signed(largest['difference'])}, {interval_in_words(largest)}){open_}."
        )
    return f"Against the mean of the other groups, {together}: {'; '.join(said)}."


def _listed(rows: pd.DataFrame) -> str:
    shown = [
        f"{isolated(row['group'])} ({signed(row['difference'])}, {interval_in_words(row)})"
        for row in rows.head(_NAMED).to_dict("records")
    ]
    more = [f"{len(rows) - _NAMED} more"] if len(rows) > _NAMED else []
    return ", ".join([*shown, *more])


def _estimate(row: Mapping[Hashable, Any]) -> str:
    return f"{signed(row['estimate'])}, {interval_in_words(row)}, n = {row['n_documents']}"


def _stances(analysis: Analysis, codebook: Codebook) -> str:
    if not codebook.stance:
        return ""
    if supported(analysis, STANCE) is False:
        return f"Stance towards {isolated(codebook.stance.target)}: the coded passages do not support it, so its counts are not summarised here."
    articles = analysis.articles
    rows = articles[(articles["construct"] == STANCE) & (articles["voice"] == ALL)]
    scores, read = rows["score"], rows["n_passages"] > 0
    alone = int((scores.notna() & (rows["n_siding"] == 1)).sum())
    single = f" ({alone} of them by a single passage)" if alone else ""
    unread = f", and {int((~read).sum())} have no scored passage" if not read.all() else ""
    favor, against = int((scores > 0).sum()), int((scores < 0).sum())
    return (
        f"Towards {isolated(codebook.stance.target)}, {favor} articles are in favor on balance, {against} against{single}; "
        f"in {int((scores.isna() & read).sum())} no side was found{unread}.{_borne_out(analysis)}"
    )


def _borne_out(analysis: Analysis) -> str:
    """How far coders order the articles by stance as these counts have it."""
    rows = analysis.agreement
    rows = rows[(rows["construct"] == STANCE) & (rows["statistic"] == RANKS)].dropna(subset="value")
    return "".join(
        f" Over {row['n']} articles with coded sides, these scores and the mean codes have a rank correlation of {row['value']:.2f} ({bounds(row)})."
        for row in rows.to_dict("records")
    )


def few_articles(analysis: Analysis, codebook: Codebook) -> str:
    """How many named groups have too few articles with a score for their intervals to be wide enough, by construct; "" if none has."""
    outlets, named = analysis.outlets, named_groups(analysis)
    few: dict[frozenset[str], list[str]] = {}
    for construct, name in codebook.names().items():
        rows = outlets[(outlets["construct"] == construct) & (outlets["voice"] == ALL) & outlets["outlet"].isin(named)]
        groups = frozenset(rows.loc[rows["n_documents"] < _FEW_ARTICLES, "outlet"])
        few.setdefault(groups, []).append(isolated(name))
    alike = len(few) == 1
    parts = [
        f"{len(groups)} of {len(named)}" + ("" if alike else f" ({', '.join(names)})")
        for groups, names in few.items()
        if groups
    ]
    if not parts:
        return ""
    return (
        f"Named groups with fewer than ten articles that have a score: {'; '.join(parts)}. Below five there is no interval; from five to nine the "
        "interval tends to be too narrow."
    )


def recurring_stories(analysis: Analysis) -> str:
    """How many groups have several articles on a story and too few known stories to draw these whole; "" if none has."""
    documents = scored_documents(analysis)
    groups = group_labels(documents, analysis.settings["group_by"])
    known = documents["story_id"].notna() & (documents["story_id"] != "") & (groups != UNKNOWN)
    stories = documents["story_id"][known].groupby(groups[known])
    recur = int(((stories.count() > stories.nunique()) & (stories.nunique() < STORIES_NEEDED)).sum())
    if not recur:
        return ""
    return (
        f"In {number(recur, 'group')} fewer than {STORIES_NEEDED} stories are known, and several articles are on the same story. The interval of "
        "such a group is drawn as if its articles were independent, and tends to be too narrow for this reason as well."
    )
