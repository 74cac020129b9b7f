"""What stands in the figures: artists and alternative texts, not pixels."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from numpy.testing import assert_allclose

from framing.errors import TableError
from framing.figures import (
    alt_text,
    dated,
    plot_axis_by_outlet,
    plot_course,
    plot_over_time,
    plot_shares,
    plot_stance_against_axis,
    signed,
)
from tests.handmade import articles, documents, outlets, passages

ENDS = ("Danger", "Show")
ONE_END = ("Danger", "")
GROUPS = {"Birch Mail": (-0.5, -0.75, -0.25), "Alder Post": (0.25, 0.125, 0.5), "NA": (0.0, None, None)}


def dots(ax, marker="o"):
    """Points of each line that is drawn as dots."""
    return [line.get_xydata().tolist() for line in ax.lines if line.get_marker() == marker and len(line.get_xydata())]


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


# ---- groups


def test_dots_stand_at_the_estimates_in_their_order():
    ax = plot_axis_by_outlet(outlets(GROUPS), ends=ENDS)
    assert dots(ax) == [[[-0.5, 0], [0.25, 2]], [[0.0, 1]]]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["Birch Mail  (n=5)", "NA  (n=1)", "Alder Post  (n=5)"]


def test_intervals_run_from_low_to_high():
    ax = plot_axis_by_outlet(outlets(GROUPS), ends=ENDS)
    [lines] = ax.collections
    assert_allclose(lines.get_segments(), [[[-0.75, 0], [-0.25, 0]], [[0.125, 2], [0.5, 2]]])


def test_a_group_without_an_interval_is_an_open_dot():
    ax = plot_axis_by_outlet(outlets(GROUPS), ends=ENDS)
    filled, hollow = (line for line in ax.lines if line.get_marker() == "o")
    assert hollow.get_markerfacecolor() == "white"
    assert filled.get_markerfacecolor() != "white"
    assert "too few articles for an interval" in labels(ax)


def test_a_group_whose_articles_are_all_alike_is_an_open_dot_with_that_reason():
    table = outlets({"A": (0.5, 0.25, 0.75), "B": (0.0, None, None)})
    alike = table.assign(resampled=["articles", "no interval: all articles alike"])
    ax = plot_axis_by_outlet(alike, ends=ENDS)
    assert labels(ax)[-1] == "no interval: all articles alike"
    assert "B 0.00 (no interval: all articles alike, n=1)" in alt_text(ax)


def test_the_mean_over_all_articles_is_drawn_beside_the_zero():
    # Five articles each at -0.5 and 0.25, and one at 0.
    ax = plot_axis_by_outlet(outlets(GROUPS), ends=ENDS)
    mean = (5 * -0.5 + 5 * 0.25) / 11
    upright = [
        line.get_xdata()[0] for line in ax.lines if len(set(line.get_xdata())) == 1 and line.get_marker() == "None"
    ]
    assert upright == pytest.approx([0, mean])
    assert "mean over all articles (−0.11)" in labels(ax)
    assert "The mean over all articles is −0.11." in alt_text(ax)


def test_where_every_group_has_an_interval_no_open_dot_is_explained():
    ax = plot_axis_by_outlet(outlets({"A": (0.5, 0.25, 0.75)}), ends=ENDS)
    assert labels(ax) == ["mean over all articles (+0.50)", "mean with 95% interval"]
    assert dots(ax) == [[[0.5, 0]]]


def test_a_group_without_an_estimate_is_not_drawn():
    ax = plot_axis_by_outlet(outlets(GROUPS | {"Cedar News": (None, None, None)}), ends=ENDS)
    assert sum(map(len, dots(ax))) == 3
    assert "Cedar News" not in alt_text(ax)


def test_the_alternative_text_holds_the_numbers():
    said = alt_text(plot_axis_by_outlet(outlets(GROUPS), ends=ENDS))
    for part in (
        "3 groups",
        "from Show (negative) to Danger (positive)",
        "Alder Post +0.25 (95% interval +0.12 to +0.50, n=5)",
        "NA 0.00 (no interval, n=1)",
        "Birch Mail −0.50 (95% interval −0.75 to −0.25, n=5)",
    ):
        assert part in said
    assert said.index("Alder Post") < said.index("NA") < said.index("Birch Mail")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.00"),
        (-0.0, "0.00"),
        (-0.004, "0.00"),
        (0.004, "0.00"),
        (-0.006, "−0.01"),
        (0.5, "+0.50"),
        (np.nan, "not known"),
    ],
)
def test_nothing_has_no_sign(value, shown):
    assert signed(value) == shown


def test_a_scale_with_two_ends_reaches_as_far_on_both_sides():
    ax = plot_axis_by_outlet(outlets(GROUPS), ends=ENDS)
    low, high = ax.get_xlim()
    assert low == -high
    assert high >= 0.75
    assert ax.get_xlabel().startswith("← Show")
    assert ax.get_xlabel().endswith("Danger →")


def test_a_scale_with_one_end_begins_at_nothing():
    table = outlets({"A": (0.5, 0.25, 0.75), "B": (0.125, None, None)}, construct="danger")
    ax = plot_axis_by_outlet(table, ends=ONE_END, construct="danger")
    assert ax.get_xlim()[0] == 0
    assert ax.get_xlim()[1] >= 0.75
    assert ax.get_xlabel() == "Danger →"
    assert "from 0 (none) to 1 (Danger)" in alt_text(ax)


@pytest.mark.parametrize("estimate", [-1.0, 1.0])
def test_the_ends_of_the_scale_can_be_seen(estimate):
    low, high = plot_axis_by_outlet(outlets({"A": (estimate, None, None)}), ends=ENDS).get_xlim()
    assert low < -1
    assert high > 1


# ---- articles: stance against axis


def scattered(values, fields=None, **settings):
    names = list(values)
    table = pd.concat(
        [
            articles({n: axis for n, (axis, _) in values.items()}),
            articles({n: stance for n, (_, stance) in values.items()}, construct="stance"),
        ],
        ignore_index=True,
    )
    texts = documents({n: (fields or {}).get(n, {}) for n in names})
    return plot_stance_against_axis(table, texts, **({"ends": ENDS, "target": "the bridge"} | settings))


def test_each_article_stands_at_its_axis_and_stance_in_the_mark_of_its_group():
    ax = scattered(
        {"a": (0.5, -0.75), "b": (-0.25, 0.5), "c": (0.0, 0.75)}, {"b": {"outlet": "Birch Mail"}, "c": {"outlet": ""}}
    )
    assert [line.get_xydata().tolist() for line in ax.lines if line.get_marker() in "os^"] == [
        [[0.5, -0.75]],
        [[-0.25, 0.5]],
        [[0.0, 0.75]],
    ]
    assert labels(ax) == ["Alder Post", "Birch Mail", "unknown"]


def test_articles_that_take_no_side_stand_on_the_rug_and_are_counted():
    ax = scattered({"a": (0.5, -0.75), "b": (0.25, None), "c": (-0.5, None), "d": (None, 0.5)})
    [rug] = dots(ax, "|")
    assert [x for x, _ in rug] == [0.25, -0.5]
    assert all(y < -1 for _, y in rug)
    assert "no side found (2)" in labels(ax)
    assert "1 articles" in alt_text(ax)
    assert "0 are in favor, 1 against, no side was found in 2." in alt_text(ax)


def test_articles_are_shown_and_no_correlation_is_claimed():
    values = {f"a{i}": (i / 20, 1 - i / 10) for i in range(12)}
    assert "correlation" not in alt_text(scattered(values))


def test_a_group_whose_name_begins_with_an_underscore_stands_in_the_legend():
    ax = scattered({"a": (0.5, 0.5), "b": (0.1, None)}, {"a": {"outlet": "_Alder"}})
    assert labels(ax) == ["Alder Post", "_Alder", "no side found (1)"]


def test_more_groups_than_marks_are_not_told_apart():
    values = {f"a{i}": (i / 20, 0.5) for i in range(9)}
    ax = scattered(values, {name: {"outlet": f"Outlet {name}"} for name in values})
    assert {line.get_marker() for line in ax.lines if line.get_linestyle() == "None"} == {"o"}
    assert ax.get_legend() is None


def test_any_column_can_be_told_apart():
    ax = scattered(
        {"a": (0.5, 0.5), "b": (0.1, 0.2)}, {"a": {"section": "News"}, "b": {"section": "Opinion"}}, group_by="section"
    )
    assert labels(ax) == ["News", "Opinion"]


@pytest.mark.parametrize("frame", ["group", "document_id", "axis_2"])
def test_a_frame_of_any_name_leaves_stance_against_axis_as_it_is(frame):
    table = pd.concat(
        [articles({"a": value}, construct=c) for c, value in (("axis", 0.5), ("stance", -0.75), (frame, 0.25))],
        ignore_index=True,
    )
    ax = plot_stance_against_axis(table, documents(["a"]), ends=ENDS, target="the bridge")
    assert dots(ax) == [[[0.5, -0.75]]]
    assert labels(ax) == ["Alder Post"]


# ---- shares


def shares(values, labels_of):
    table = pd.concat(
        [outlets({g: (v, v, v) for g, v in of.items()}, construct=c) for c, of in values.items()], ignore_index=True
    )
    return plot_shares(table, labels=labels_of)


def test_the_share_stands_in_its_cell():
    ax = shares({"danger": {"A": 0.5, "B": None}, "show": {"A": 0.125, "B": 1.0}}, {"show": "Show", "danger": "Danger"})
    [image] = ax.images
    assert_allclose(np.ma.filled(image.get_array(), np.nan), [[0.125, 0.5], [1.0, np.nan]])
    cells = {tuple(int(x) for x in text.get_position()): text.get_text() for text in ax.texts}
    assert cells == {(0, 0): "12%", (1, 0): "50%", (0, 1): "100%", (1, 1): "–"}
    assert [t.get_text() for t in ax.get_xticklabels()] == ["Show", "Danger"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["A  (n=5)", "B  (n=5)"]
    assert "A (n=5): Show 12%, Danger 50%; B (n=5): Show 100%, Danger not known." in alt_text(ax)


# ---- time


DAYS = {"a": "2031-01-06", "b": "2031-01-12", "c": "2031-01-13", "d": "2031-02-03", "undated": None}
SCORED = {"a": 0.5, "b": 0.25, "c": -0.25, "d": 0.75, "undated": 0.5}


def in_time(scores=SCORED):
    return dated(articles(scores), documents({name: {"published": DAYS[name]} for name in scores}))


def test_articles_without_a_day_or_a_score_are_left_out_of_time():
    assert in_time(SCORED | {"b": None})["document_id"].tolist() == ["a", "c", "d"]


def test_articles_stand_at_their_days_and_weeks_run_from_monday_to_sunday():
    ax = plot_over_time(in_time(), ends=ENDS)
    drawn = {line.get_label(): line for line in ax.lines}
    assert_allclose(drawn["article"].get_ydata(), [0.5, 0.25, -0.25, 0.75])
    assert pd.DatetimeIndex(drawn["article"].get_xdata(orig=True)).day.tolist() == [6, 12, 13, 3]


def in_weeks(*weeks):
    """Scores of articles on the days of weeks, from Monday, 6 January 2031 on."""
    rows = [
        (f"{week}-{day}", pd.Timestamp("2031-01-06") + pd.Timedelta(days=7 * week + day), score)
        for week, scores in enumerate(weeks)
        for day, score in enumerate(scores)
    ]
    return pd.DataFrame(rows, columns=["document_id", "published", "score"])


def test_weeks_of_few_articles_have_no_mean_and_are_not_named():
    # Seven articles from Monday to Sunday, then two, then three.
    ax = plot_over_time(in_weeks([0.5] * 6 + [-0.2], [0.9, 0.9], [0.1, 0.2, 0.3]), ends=ENDS)
    drawn = {line.get_label(): line for line in ax.lines}
    means = drawn["mean of weeks with 3 articles or more"].get_ydata()
    assert_allclose(np.asarray(means, dtype=float), [0.4, np.nan, 0.2])
    said = alt_text(ax)
    assert "Scores of 12 articles from 2031-01-06 to 2031-01-22." in said
    assert (
        "Of the weeks with 3 or more the mean is lowest in that of 2031-01-20 (+0.20) and highest in that of 2031-01-06 (+0.40)"
        in said
    )
    assert said.endswith("The groups differ from week to week.")


def test_without_a_week_of_some_articles_no_week_is_named():
    said = alt_text(plot_over_time(in_weeks([0.5]), ends=ENDS))
    assert (
        "Scores of 1 article from 2031-01-06 to 2031-01-06. No week has 3, so there are no weekly means; scores run from "
        in said
    )


# ---- the course of one article


def course(*rows):
    return passages(*[{k: v for k, v in row.items() if k != "value"} for row in rows]).assign(
        value=pd.Series([row["value"] for row in rows], dtype="float64")
    )


COURSE = course(
    {"value": 0.5},
    {"value": -0.25, "voice": "quoted"},
    {"value": 0.75, "kept": False},
    {"value": None},
    {"value": 0.125, "voice": "quoted"},
    {"value": -0.5, "voice": "unknown"},
)


def bars(ax):
    """(place, value, hatched) of each bar with a height."""
    found = [p for p in ax.patches if isinstance(p, Rectangle) and p.get_height()]
    return sorted((round(p.get_x() + p.get_width() / 2), p.get_height(), bool(p.get_hatch())) for p in found)


def test_a_bar_a_scored_passage_in_the_order_of_the_text_hatched_where_quoted():
    ax = plot_course(COURSE, ends=ENDS)
    assert bars(ax) == [(0, 0.5, False), (1, -0.25, True), (4, 0.125, True), (5, -0.5, False)]
    low, high = ax.get_xlim()
    assert -1 < low < 0
    assert 5 < high < 6
    assert labels(ax) == ["scored passage", "outlet's own words", "quoted or attributed"]
    assert dots(ax, ".") == [[[0, 0], [1, 0], [4, 0], [5, 0]]]


def test_the_two_sides_of_the_scale_have_two_colours():
    found = [p for p in plot_course(COURSE, ends=ENDS).patches if p.get_height()]
    above, below = ({p.get_facecolor() for p in found if bool(p.get_height() > 0) is up} for up in (True, False))
    assert len(above) == len(below) == 1
    assert above != below


def test_the_course_in_words():
    said = alt_text(plot_course(COURSE, ends=ENDS))
    assert "Bars of 4 passages" in said
    assert "The highest is at position 0 (+0.50), the lowest at 5 (−0.50); 2 are quoted." in said


def test_the_course_under_a_frame_begins_at_nothing():
    ax = plot_course(course({"value": 0.25}, {"value": 0.5}), ends=ONE_END)
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylabel() == "Danger →"


def test_of_several_articles_no_course_is_drawn():
    several = pd.concat([COURSE.assign(document_id="app-sale-01"), COURSE.assign(document_id="b")], ignore_index=True)
    with pytest.raises(
        TableError,
        match=r"^rows of 2 documents were passed; choose one: annotated\.query\(\"document_id == 'app-sale-01'\"\)\.$",
    ):
        plot_course(several, ends=ENDS)
    assert bars(plot_course(several.query("document_id == 'app-sale-01'"), ends=ENDS)) == bars(
        plot_course(COURSE, ends=ENDS)
    )


# ---- names that a table does not have

GROUPS_OF_TWO = pd.concat([outlets(GROUPS), outlets(GROUPS, construct="security_risk")], ignore_index=True)
MISNAMED = {
    "construct of groups": lambda: plot_axis_by_outlet(GROUPS_OF_TWO, ends=ENDS, construct="security"),
    "construct of shares": lambda: plot_shares(
        GROUPS_OF_TWO, labels={"security_risk": "Security risk", "security": "Security risk"}
    ),
    "construct of time": lambda: dated(
        pd.concat([articles({"a": 0.5}), articles({"a": 0.5}, construct="security_risk")]), documents(["a"]), construct="security"
    ),
}  # fmt: skip
OF_NO_VOICE = {
    "groups": lambda: plot_axis_by_outlet(outlets(GROUPS), ends=ENDS, voice="own"),
    "shares": lambda: plot_shares(outlets(GROUPS), labels={"axis": "Axis"}, voice="own"),
    "time": lambda: dated(articles({"a": 0.5}), documents(["a"]), voice="own"),
}


@pytest.mark.parametrize("name", MISNAMED)
def test_a_construct_that_the_table_does_not_have_is_no_empty_figure(name):
    said = "construct 'security' is not in this table; it has ['axis', 'security_risk']; did you mean 'security_risk'?"
    with pytest.raises(TableError) as error:
        MISNAMED[name]()
    assert str(error.value) == said


@pytest.mark.parametrize("name", OF_NO_VOICE)
def test_a_voice_that_the_table_does_not_have_is_no_empty_figure(name):
    with pytest.raises(TableError, match=r"^voice 'own' is not in this table; it has \['all'\]\.$"):
        OF_NO_VOICE[name]()


# ---- all of them

EMPTY = {
    "groups": lambda ax: plot_axis_by_outlet(outlets({}), ends=ENDS, ax=ax),
    "groups without estimates": lambda ax: plot_axis_by_outlet(outlets({"A": (None, None, None)}), ends=ENDS, ax=ax),
    "articles": lambda ax: plot_stance_against_axis(
        articles({"a": None}), documents(["a"]), ends=ENDS, target="the bridge", ax=ax
    ),
    "a codebook without an axis": lambda ax: plot_stance_against_axis(
        articles({"a": 0.5}, construct="stance"), documents(["a"]), ends=ENDS, target="the bridge", ax=ax
    ),
    "shares": lambda ax: plot_shares(outlets({}), labels={"danger": "Danger"}, ax=ax),
    "shares without values": lambda ax: plot_shares(
        outlets({"A": (None, None, None)}, construct="danger"), labels={"danger": "Danger"}, ax=ax
    ),
    "time": lambda ax: plot_over_time(in_time({"undated": 0.5}), ends=ENDS, ax=ax),
    "course": lambda ax: plot_course(course({"value": None}), ends=ENDS, ax=ax),
}
FULL = {
    "groups": lambda ax: plot_axis_by_outlet(outlets(GROUPS), ends=ENDS, ax=ax),
    "groups without intervals": lambda ax: plot_axis_by_outlet(outlets({"A": (0.5, None, None)}), ends=ENDS, ax=ax),
    "shares": lambda ax: plot_shares(outlets(GROUPS), labels={"axis": "Axis"}, ax=ax),
    "time": lambda ax: plot_over_time(in_time(), ends=ENDS, ax=ax),
    "one day": lambda ax: plot_over_time(in_time({"a": 0.5}), ends=ENDS, ax=ax),
    "course": lambda ax: plot_course(COURSE, ends=ENDS, ax=ax),
}


@pytest.mark.parametrize("name", EMPTY)
def test_where_there_is_nothing_the_figure_says_so(name):
    _, own = plt.subplots()
    ax = EMPTY[name](own)
    assert alt_text(ax) == "An empty figure: no article has a score to show here."
    assert [text.get_text() for text in ax.texts] == ["No article has a score to show here."]
    assert not ax.lines
    assert not ax.patches
    assert not ax.axison


@pytest.mark.parametrize("name", FULL)
def test_a_figure_is_drawn_into_the_axes_it_is_given_and_without_a_warning(name):
    figure, own = plt.subplots()
    assert FULL[name](own) is own
    figure.canvas.draw()
    assert plt.get_fignums() == [figure.number]


def test_of_many_groups_those_at_the_ends_are_drawn_and_it_is_said():
    row = {"construct": "axis", "voice": "all", "share": 0.1, "n_documents": 3}
    groups = [
        row | {"outlet": f"Group {i:03d}", "estimate": i / 100, "low": i / 100 - 0.1, "high": i / 100 + 0.1}
        for i in range(80)
    ]
    ax = plot_axis_by_outlet(pd.DataFrame(groups), ends=("Danger", "Show"))
    names = [label.get_text()[:9] for label in ax.get_yticklabels()]
    assert names == [f"Group {i:03d}" for i in (*range(15), *range(65, 80))]
    assert ax.get_title(loc="left") == "15 groups from each end of 80"
    assert "15 groups from each end of 80" in alt_text(ax)
    assert len(alt_text(ax)) < 3_000


def test_of_many_groups_the_shares_of_the_largest_are_drawn():
    groups = [
        {"construct": "danger", "voice": "all", "outlet": f"Group {i:03d}", "share": 0.1, "n_documents": i, "share_n_documents": i} for i in range(80)
    ]  # fmt: skip
    ax = plot_shares(pd.DataFrame(groups), labels={"danger": "Danger"})
    assert [label.get_text() for label in ax.get_yticklabels()] == [f"Group {i:03d}  (n={i})" for i in range(50, 80)]
    assert ax.get_title(loc="left") == "the 30 of 80 groups with most articles"


def test_long_names_keep_their_ends_and_names_without_spaces_are_shown():
    rows = [
        {
            "construct": "axis",
            "voice": "all",
            "outlet": name,
            "estimate": 0.1,
            "low": 0.0,
            "high": 0.2,
            "share": 0.1,
            "n_documents": 3,
        }
        for name in ("Frankfurter Allgemeine Zeitung Nord", "Frankfurter Allgemeine Zeitung Süd", "新闻" * 20)
    ]
    labels = [
        each.get_text() for each in plot_axis_by_outlet(pd.DataFrame(rows), ends=("Danger", "Show")).get_yticklabels()
    ]
    assert len(set(labels)) == 3
    assert all(len(label) <= 45 for label in labels)
    assert any(label.startswith("新闻新闻") for label in labels)


def test_no_name_turns_the_numbers_beside_it():
    arabic = "\u0635\u062d\u064a\u0641\u0629"
    ax = plot_axis_by_outlet(
        outlets({"\u202eEvil Post": (0.1, 0.0, 0.2), arabic: (0.5, 0.4, 0.6)}), ends=(arabic, "Show")
    )
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["Evil Post  (n=5)", f"\u2068{arabic}\u2069  (n=5)"]
    assert ax.get_xlabel() == f"← Show        \u2068{arabic}\u2069 →"
    assert "\u202e" not in alt_text(ax)
    assert f"\u2068{arabic}\u2069 +0.50" in alt_text(ax)
    assert labels(scattered({"a": (0.1, 0.5)}, {"a": {"outlet": "\u202eEvil Post"}})) == ["Evil Post"]


@pytest.mark.parametrize(("n", "at_most"), [(1, 2), (12, 6.4), (30, 9), (80, 9)])
def test_the_figure_of_many_groups_is_no_higher_than_a_page_takes(n, at_most):
    groups = {f"Group {i:03d}": (i / 100, i / 100 - 0.1, i / 100 + 0.1) for i in range(n)}
    for ax in (
        plot_axis_by_outlet(outlets(groups), ends=ENDS),
        plot_shares(outlets(groups, construct="danger"), labels={"danger": "Danger"}),
    ):
        height = ax.get_figure().get_size_inches()[1]
        assert at_most - 1 < height <= at_most + 0.3
        assert height / min(n, 30) > 0.2, "rows would touch"
