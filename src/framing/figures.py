"""One function a figure: a table in, Axes out. Nothing is read, computed anew or saved here.

Colours are of Okabe and Ito's palette, told apart also by those who do not see red or green, and never carry a meaning alone. Each figure has an
alternative text, made from its data, which `alt_text` gives.
"""

import textwrap
from collections.abc import Mapping
from typing import Any

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from framing.articles import ALL
from framing.bidi import isolated, plain
from framing.codebook import AXIS, STANCE
from framing.errors import TableError, check_known
from framing.evidence import rows_of
from framing.outlets import ALIKE, NOT_RESAMPLED, group_labels

BLUE, ORANGE, GREY, DARK, PALE = "#0072B2", "#D55E00", "#8A8F98", "#22262B", "#DDE1E6"
_PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7F7F7F")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_MAX_NAMED = len(_PALETTE)  # more groups than this cannot be told apart by colour and marker
_OF_A_WEEK = 3  # articles, at least, of which a mean is drawn
_MOST = 30  # groups that are drawn: more cannot be read on a page, and all stand in the tables
_ROOMY = 12  # groups that stand at their ease in a figure
_NO_INTERVAL = {NOT_RESAMPLED: "too few articles for an interval", ALIKE: ALIKE}
_LABEL = 34  # characters of a label, at most


def alt_text(ax: Axes) -> str:
    """The alternative text of a figure of this module: what it shows, in words and numbers."""
    return str(ax.get_label())


def plot_axis_by_outlet(
    outlets: pd.DataFrame, *, ends: tuple[str, str], construct: str = AXIS, voice: str = ALL, ax: Axes | None = None
) -> Axes:
    """Dot and 95% interval of each group, ordered by the estimate; a group without an interval is an open dot.

    A broken line stands at the mean over the articles of all groups: 0 is not what an article without a leaning would have.

    Parameters
    ----------
    outlets : DataFrame, table OUTLETS
    ends : (str, str)
        What a value of +1 and a value of -1 mean.

    Raises
    ------
    TableError
        If the table has rows and none of this construct or voice.
    """
    rows = rows_of(outlets, construct, voice).dropna(subset="estimate").sort_values("estimate", ignore_index=True)
    n = len(rows)
    overall = float((rows["estimate"] * rows["n_documents"]).sum() / max(rows["n_documents"].sum(), 1))
    if n > _MOST:
        rows = pd.concat([rows.head(_MOST // 2), rows.tail(_MOST // 2)], ignore_index=True)
    ax = _axes(ax, height=1.3 + _rows_height(len(rows)))
    if _nothing(ax, rows):
        return ax
    drawn = f"{_MOST // 2} groups from each end of {n}" if n > _MOST else ""
    ax.set_title(drawn, fontsize=9, loc="left")
    places = np.arange(len(rows))
    with_interval = rows["low"].notna().to_numpy()
    ax.axvline(0, color=GREY, lw=1, zorder=0)
    ax.axvline(overall, color=DARK, lw=1, ls="--", zorder=0, label=f"mean over all articles ({signed(overall)})")
    ax.hlines(
        places[with_interval],
        rows.loc[with_interval, "low"],
        rows.loc[with_interval, "high"],
        color=BLUE,
        lw=2.2,
        alpha=0.55,
    )
    ax.plot(
        rows.loc[with_interval, "estimate"],
        places[with_interval],
        "o",
        color=BLUE,
        ms=7,
        label="mean with 95% interval",
    )
    if not with_interval.all():
        ax.plot(
            rows.loc[~with_interval, "estimate"],
            places[~with_interval],
            "o",
            mfc="white",
            mec=BLUE,
            mew=1.8,
            ms=7,
            label=" or ".join(text for why, text in _NO_INTERVAL.items() if (rows["resampled"] == why).any()),
        )
    # As far below the axis as its own labels need, however high the figure is.
    ax.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=6, ncols=2)
    labels = [f"{isolated(_short(name))}  (n={n})" for name, n in zip(rows["outlet"], rows["n_documents"], strict=True)]
    ax.set_yticks(places, labels)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    _two_ended(ax, "x", ends)
    _describe(
        ax,
        f"Dot plot of the mean {construct} score of {drawn or f'{n} groups'}{_meaning(ends)}. The mean over all articles is {signed(overall)}. "
        + "; ".join(_with_interval(row) for row in rows.iloc[::-1].to_dict("records"))
        + ".",
    )
    return ax


def plot_stance_against_axis(
    articles: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    ends: tuple[str, str],
    target: str,
    group_by: str = "outlet",
    ax: Axes | None = None,
) -> Axes:
    """One mark an article: framing axis across, stance up. Articles without a stance stand on a rug at the foot."""
    group_of = group_labels(documents, group_by).set_axis(documents["document_id"])
    wide = _axis_and_stance(articles).dropna(subset=AXIS)
    wide = wide.assign(group=group_of.reindex(wide.index))
    sided = wide.dropna(subset=STANCE)
    ax = _axes(ax, height=4.6)
    if _nothing(ax, wide):
        return ax
    ax.axhline(0, color=PALE, lw=1, zorder=0)
    ax.axvline(0, color=PALE, lw=1, zorder=0)
    groups = sorted(wide["group"].unique())
    few = len(groups) <= _MAX_NAMED
    explained: list[Line2D] = []
    for i, name in enumerate(groups):
        at = sided[sided["group"] == name]
        colour, marker = (_PALETTE[i], _MARKERS[i]) if few else (BLUE, "o")
        marks = ax.plot(
            at[AXIS],
            at[STANCE],
            marker,
            color=colour,
            ms=7,
            alpha=0.85,
            mec="white",
            mew=0.6,
            ls="",
            label=_short(name),
        )
        explained += marks if few else []
    _two_ended(ax, "x", ends)
    ax.set_ylim(-1.12, 1.08)
    without = wide[wide[STANCE].isna()]
    if len(without):
        explained += ax.plot(
            without[AXIS], [-1.06] * len(without), "|", color=GREY, ms=9, ls="", label=f"no side found ({len(without)})"
        )
    ax.set_ylabel(f"Stance\n← against      in favor →\n{textwrap.shorten(target, 60)}", fontsize=9)
    if few or len(without):
        # Named one by one: of itself a legend leaves out what begins with an underscore.
        ax.legend(
            explained, [str(line.get_label()) for line in explained],
            frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.01, 0.5),
        )  # fmt: skip
    _describe(
        ax,
        f"Scatter plot of {len(sided)} articles: framing axis{_meaning(ends)} against stance towards {target}. "
        f"{(sided[STANCE] > 0).sum()} are in favor, {(sided[STANCE] < 0).sum()} against, no side was found in {len(without)}.",
    )
    return ax


def plot_shares(outlets: pd.DataFrame, *, labels: Mapping[str, str], voice: str = ALL, ax: Axes | None = None) -> Axes:
    """Heat map: mean share of an article's passages that carry each frame, one row a group with its number of articles; each cell holds its number.

    Parameters
    ----------
    outlets : DataFrame, table OUTLETS
    labels : mapping of construct to label
        The frames that are shown, in its order.

    Raises
    ------
    TableError
        If the table has rows and none of a construct of `labels`, or none of this voice.
    """
    for construct in labels:
        check_known("construct", construct, outlets["construct"])
    check_known("voice", voice, outlets["voice"])
    rows = outlets[(outlets["voice"] == voice) & outlets["construct"].isin(list(labels))]
    grid = rows.pivot(index="outlet", columns="construct", values="share").reindex(columns=list(labels))
    n = len(grid)
    many = rows.groupby("outlet")["share_n_documents"].max()
    if n > _MOST:
        largest = rows.groupby("outlet")["n_documents"].max().sort_values(ascending=False, kind="stable").index[:_MOST]
        grid = grid[grid.index.isin(largest)]
    ax = _axes(ax, height=1.6 + _rows_height(len(grid)))
    if _nothing(ax, grid.dropna(how="all")):
        return ax
    ax.set_title(f"the {_MOST} of {n} groups with most articles" if n > _MOST else "", fontsize=9, loc="left")
    top = max(float(np.nanmax(grid.to_numpy())), 0.1)  # else a range of almost nothing would look like one
    ax.imshow(grid.to_numpy(), cmap="Blues", aspect="auto", vmin=0, vmax=top)
    ax.set_xticks(range(grid.shape[1]), [textwrap.fill(labels[c], 14) for c in grid.columns], fontsize=9)
    ax.set_yticks(range(grid.shape[0]), [f"{isolated(_short(str(name)))}  (n={many[name]})" for name in grid.index])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    for (row, column), share in np.ndenumerate(grid.to_numpy()):
        shown = "–" if np.isnan(share) else f"{share:.0%}"
        ax.text(column, row, shown, ha="center", va="center", fontsize=9, color="white" if share > 0.6 * top else DARK)
    names = [labels[c] for c in grid.columns]
    by_group = {
        str(group): dict(zip(names, row, strict=True)) for group, row in zip(grid.index, grid.to_numpy(), strict=True)
    }
    _describe(
        ax,
        f"Heat map of the mean share of passages that carry each of {grid.shape[1]} frames in {grid.shape[0]} groups. "
        + "; ".join(
            f"{isolated(group)} (n={many[group]}): "
            + ", ".join(f"{label} {share:.0%}" if share == share else f"{label} not known" for label, share in shares.items())
            for group, shares in by_group.items()
        ) + ".",
    )  # fmt: skip
    return ax


def dated(articles: pd.DataFrame, documents: pd.DataFrame, *, construct: str = AXIS, voice: str = ALL) -> pd.DataFrame:
    """The articles with a usable date and a score: document_id, published, score, in the order of time.

    Raises
    ------
    TableError
        If `articles` has rows and none of this construct or voice.
    """
    scored = rows_of(articles, construct, voice)[["document_id", "score"]]
    both = scored.merge(documents[["document_id", "published"]], on="document_id").dropna()
    return both.sort_values(["published", "document_id"], ignore_index=True)


def plot_over_time(dated_articles: pd.DataFrame, *, ends: tuple[str, str], ax: Axes | None = None) -> Axes:
    """One dot an article at its day, and the weekly mean over whatever articles a week has: other groups in one week than in another.

    Parameters
    ----------
    dated_articles : DataFrame
        As `dated` gives it.
    """
    ax = _axes(ax, height=3.6)
    if _nothing(ax, dated_articles):
        return ax
    weeks = dated_articles.set_index("published")["score"].resample("W-MON", label="left", closed="left")
    weekly = weeks.mean().where(weeks.count() >= _OF_A_WEEK)
    ax.axhline(0, color=GREY, lw=1, zorder=0)
    ax.plot(
        dated_articles["published"],
        dated_articles["score"],
        "o",
        color=BLUE,
        ms=5,
        alpha=0.5,
        mec="none",
        ls="",
        label="article",
    )
    if weekly.notna().any():
        ax.plot(
            weekly.index.to_numpy() + np.timedelta64(3, "D"),
            weekly.to_numpy(),
            "-",
            color=ORANGE,
            lw=2,
            marker="s",
            ms=5,
            label=f"mean of weeks with {_OF_A_WEEK} articles or more",
        )
    locator: Any = mdates.AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    _two_ended(ax, "y", ends)
    ax.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)
    known, n = weekly.dropna(), len(dated_articles)
    first, last = dated_articles["published"].iloc[[0, -1]].dt.date
    means = f"No week has {_OF_A_WEEK}, so there are no weekly means; "
    if len(known):
        low, high = (known.index[i].date() for i in (int(known.argmin()), int(known.argmax())))
        means = (
            f"Of the weeks with {_OF_A_WEEK} or more the mean is lowest in that of {low} ({signed(known.min())}) and highest in that of "
            f"{high} ({signed(known.max())}); "
        )
    _describe(
        ax,
        f"Scores of {n} {'article' if n == 1 else 'articles'} from {first} to {last}. {means}scores run {_meaning(ends)[2:]}."
        + (" The groups differ from week to week." if len(known) else ""),
    )
    return ax


def plot_course(annotated: pd.DataFrame, *, ends: tuple[str, str], ax: Axes | None = None) -> Axes:
    """The course of framing through one article: a bar a passage at its position in the text; quoted passages are hatched.

    What was set aside or has no value leaves a gap, so that a bar's place is the number that ends its passage_id.

    Parameters
    ----------
    annotated : DataFrame
        Rows of one document of `framing.evidence.annotate_passages`.

    Raises
    ------
    TableError
        If there are rows of several documents, whose bars would stand over each other.
    """
    if len(ids := annotated["document_id"].unique()) > 1:
        raise TableError(
            f'rows of {len(ids):,} documents were passed; choose one: annotated.query("document_id == {str(ids[0])!r}").'
        )
    rows = annotated[annotated["kept"]].dropna(subset="value").reset_index(drop=True)
    ax = _axes(ax, height=3.0)
    if _nothing(ax, rows):
        return ax
    ax.axhline(0, color=DARK, lw=1)
    places = rows["position"].to_numpy()
    for quoted, hatch in ((False, ""), (True, "////")):
        of_voice = (rows["voice"] == "quoted").to_numpy() == quoted
        for above, colour in ((True, BLUE), (False, ORANGE)):  # as the evidence has them
            at = of_voice & ((rows["value"] >= 0).to_numpy() == above)
            ax.bar(places[at], rows.loc[at, "value"], color=colour, hatch=hatch, edgecolor="white", lw=0.5, width=0.85)
    # A value near 0 has no bar to be seen, and is told from a gap by its dot.
    ax.plot(places, np.zeros(len(places)), ".", color=DARK, ms=4, label="scored passage")
    ax.bar(places[:1], [0], color=GREY, label="outlet's own words")
    ax.bar(places[:1], [0], color=GREY, hatch="////", edgecolor="white", label="quoted or attributed")
    ax.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3)
    ax.set_xlabel("Position of the passage in the text", fontsize=9)
    ax.set_xlim(places.min() - 0.7, places.max() + 0.7)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    _two_ended(ax, "y", ends)
    values = rows["value"].to_numpy(dtype=np.float64)
    peak, dip = int(values.argmax()), int(values.argmin())
    _describe(
        ax,
        f"Bars of {len(rows)} passages in the order of the text{_meaning(ends)}. The highest is at position {places[peak]} "
        f"({signed(float(values[peak]))}), the lowest at {places[dip]} ({signed(float(values[dip]))}); "
        f"{(rows['voice'] == 'quoted').sum()} are quoted.",
    )
    return ax


def _axes(ax: Axes | None, *, height: float) -> Axes:
    if ax is None:
        _, ax = plt.subplots(figsize=(7.2, height), layout="constrained")
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=9)
    return ax


def _rows_height(n: int) -> float:
    """Inches for so many rows of a figure: beyond a dozen they stand closer, so that a page takes thirty without making them small."""
    return 0.42 * min(max(n, 1), _ROOMY) + 0.12 * max(n - _ROOMY, 0)


def _axis_and_stance(articles: pd.DataFrame) -> pd.DataFrame:
    """The two scores of each article, one row an article; of no other construct, since a codebook may name one as it likes."""
    rows = articles[(articles["voice"] == ALL) & articles["construct"].isin([AXIS, STANCE])]
    return rows.pivot(index="document_id", columns="construct", values="score").reindex(columns=[AXIS, STANCE])


def _two_ended(ax: Axes, which: str, ends: tuple[str, str]) -> None:
    """The same reach on both sides of 0, and the meaning of the ends at the ends; from 0 on where there is one end."""
    low, high = ax.get_xlim() if which == "x" else ax.get_ylim()
    reach = min(max(abs(low), abs(high), 0.1) * 1.05, 1.05)
    plus, minus = (isolated(end if len(end) <= 40 else f"{end[:39].rstrip()}…") for end in ends)
    label = f"← {minus}        {plus} →" if minus else f"{plus} →"
    if which == "x":
        ax.set_xlim(-reach if minus else 0, reach)
        ax.set_xlabel(label, fontsize=9)
    else:
        ax.set_ylim(-reach if minus else 0, reach)
        ax.set_ylabel(label, fontsize=9)


def _nothing(ax: Axes, rows: pd.DataFrame) -> bool:
    """Say so in the figure where there is nothing to show."""
    if len(rows):
        return False
    ax.set_axis_off()
    ax.text(
        0.5, 0.5, "No article has a score to show here.", ha="center", va="center", transform=ax.transAxes, color=DARK
    )
    _describe(ax, "An empty figure: no article has a score to show here.")
    return True


def _meaning(ends: tuple[str, str]) -> str:
    """How the scale runs, for alternative texts."""
    return f", from {ends[1]} (negative) to {ends[0]} (positive)" if ends[1] else f", from 0 (none) to 1 ({ends[0]})"


def _with_interval(row: Mapping[Any, Any]) -> str:
    """A group's estimate in words, for alternative texts."""
    return f"{isolated(row['outlet'])} {signed(row['estimate'])} ({interval_in_words(row)}, n={row['n_documents']})"


def interval_in_words(row: Mapping[Any, Any]) -> str:
    """The interval of a row of OUTLETS, or why it has none."""
    if row["low"] == row["low"]:
        return f"95% interval {signed(row['low'])} to {signed(row['high'])}"
    return ALIKE if row["resampled"] == ALIKE else NOT_RESAMPLED


def _describe(ax: Axes, text: str) -> None:
    ax.set_label(text)


def _short(name: str) -> str:
    """A name of at most so many characters; of a longer one its middle goes, since long names often differ in their last words."""
    if not (name := plain(name)).strip():
        return "unknown"
    return name if len(name) <= _LABEL else f"{name[: _LABEL - 13].rstrip()}…{name[-12:].lstrip()}"


def signed(value: float) -> str:
    """A score with its sign and two digits, "not known" for NaN; what rounds to 0 has no sign, as in tables."""
    if value != value:
        return "not known"
    return f"{value:+.2f}".replace("-", "−") if round(value, 2) else "0.00"
