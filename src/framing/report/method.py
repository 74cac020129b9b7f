"""A paragraph for a method section, with every choice that the numbers rest on, and how to cite."""

import framing
from framing.analysis import Analysis
from framing.annotation import UNNAMED, VOICE
from framing.bidi import isolated
from framing.bootstrap import FEWEST
from framing.codebook import Codebook
from framing.differences import JOINTLY
from framing.outlets import STORIES_NEEDED, UNKNOWN
from framing.passages import LANGUAGE, NO_WORDS
from framing.report.standing import BAR, FEW, NOTHING_CODED, bounds
from framing.report.words import failed, labels_of, named_groups, number, scored_documents, unscored
from framing.study import Study
from framing.validation import RANKS

_MODELS = {"bundled": "the small English model that framing carries"}


def method_paragraph(study: Study, analysis: Analysis, codebook: Codebook) -> str:
    """A paragraph for a method section; to be checked and adapted by the author."""
    sentences = (
        *_corpus(analysis),
        *_scores(study, analysis, codebook),
        *_groups(study, analysis),
        *_agreement(study, analysis, codebook),
        *_coders(analysis, codebook),
        *_correction(analysis),
    )
    return " ".join(sentences)


def citation(study: Study) -> str:
    """How to cite the report and the program: two paragraphs."""
    authors = ", ".join(isolated(author.name) for author in study.authors) or "Anonymous"
    stop = "" if study.title.endswith(("?", "!", ".")) else "."
    subtitle = f" {study.subtitle}." if study.subtitle else ""
    version = framing.__version__
    return (
        f"{authors} ({study.date[:4]}). {study.title}{stop}{subtitle} Report made with framing {version}.\n\n"
        f"framing {version}: a workbench for media framing analysis. Apache-2.0."
    )


def coding(analysis: Analysis, note: str = "") -> str:
    """Who judged how many passages, and how these were drawn, as far as it is stated, or a `note` of the author says: what agreement can be
    generalised to."""
    codes = analysis.annotations
    spans, coders = codes.groupby("unit_id")["coder"].nunique(), codes["coder"].nunique()
    twice = int((spans > 1).sum())
    unnamed = set(codes["coder"]) == {UNNAMED}
    who = "by coders who are not named" if unnamed else "by one coder" if coders == 1 else f"by {coders} coders"
    again = (
        f"{number(twice, 'passage')} {'was' if twice == 1 else 'were'} judged by more than one coder, and counted once, with the code that half of "
        "them or more gave, so that of two coders who disagree the one counts who sees it"
        if twice
        else "No passage was judged twice, so how far coders agree with each other is not known"
    )
    drawn = (
        "They were drawn with stated probabilities, and where each passage has one these figures are weighted by them"
        if codes["inclusion_probability"].notna().any()
        else note.rstrip(".") or "How they were drawn is not stated"
    )
    return (
        f"{len(spans)} passages of {number(codes['document_id'].nunique(), 'article')} were judged {who}. {again}. {drawn}. The figures hold "
        "for the judged passages, and for the corpus only if these are a random sample of it: an AUC and a recall depend on how many of the "
        "passages are clear cases, and a precision also on how frequent the code is among them."
    )


def _corpus(analysis: Analysis) -> tuple[str, ...]:
    kept, aside = analysis.counts["passages"]["kept"], dict(analysis.counts["passages set aside"])
    # These two are reasons of sentences; all others are of paragraphs.
    sentences = ((LANGUAGE, "in languages that the model does not read"), (NO_WORDS, "without a word"))
    others = [f"{number(n, 'passage')} {what}" for why, what in sentences if (n := aside.pop(why, 0))]
    besides = f", as well as {' and '.join(others)}" if others else ""
    drawn = "a random sample of " if "sample" in analysis.counts else ""
    return (
        f"We analysed {drawn}{number(len(scored_documents(analysis)), 'article')} with framing {framing.__version__}.",
        *filter(None, [unscored(analysis)]),
        f"Each article was split into sentences; {sum(aside.values())} paragraphs of site furniture (navigation, prompts, "
        f"teasers of other stories) were set aside by general rules{besides}; {number(kept, 'passage')} {'was' if kept == 1 else 'were'} kept.",
    )


def _scores(study: Study, analysis: Analysis, codebook: Codebook) -> tuple[str, ...]:
    model = _MODELS.get(analysis.model["name"], analysis.model["name"])
    frames = ", ".join(isolated(frame.label) for frame in codebook.frames)
    unjudged = failed(analysis)
    sentences = [
        f"{'The passages were' if unjudged else 'Every passage was'} scored by zero-shot natural language inference (Yin et al. 2019) with {model} "
        f"(fingerprint {analysis.model['fingerprint'][:12]}) under {len(analysis.hypotheses)} hypotheses of the codebook {codebook.name!r} "
        f"({frames}){unjudged}.",
        f"A frame's value is the mean probability of entailment over its hypotheses{_calibrated(analysis)}; a passage carries a frame at "
        f"{study.threshold:g} or more; an article's score is the mean over its passages.",
    ]
    if codebook.axis:
        plus, minus = (isolated(codebook.label(key)) for key in codebook.axis)
        sentences.append(f"The framing axis is the value of {plus} minus the value of {minus}.")
    if codebook.stance:
        sentences.append(
            f"Stance towards {isolated(codebook.stance.target)} is such a mean over the hypotheses in its favor minus that over those "
            f"against it; an article's stance is the mean over passages whose stance is at least {study.threshold:g} in absolute value, "
            "and is undefined where there is none."
        )
    return tuple(sentences)


def _calibrated(analysis: Analysis) -> str:
    if not (curves := analysis.model.get("calibration", "")):
        return ""
    return f", rescaled for each side by a logistic curve fitted on other sentences (Platt 1999; {curves})"


def _groups(study: Study, analysis: Analysis) -> tuple[str, ...]:
    table = analysis.differences.dropna(subset="low")
    largest = table.groupby("construct").size().max() if len(table) else 0
    drawn = " or ".join(
        sorted({f"{kind} together" if kind == JOINTLY else f"{kind} within groups" for kind in table["resampled"]})
    )
    compared = (
        f"{largest} of {len(named_groups(analysis))} named groups, those with {FEWEST} articles or more, were each compared with the mean of the "
        "others by studentised bootstrap intervals that hold for all groups of a construct together (Romano and Wolf 2005; "
        f"{drawn}).",
    )
    return (
        f"Group means are means over articles, with 95% bootstrap intervals (expanded percentile, Hesterberg 2015; "
        f"{study.resamples:,} samples of articles, or of stories where a group covers {STORIES_NEEDED} or more; seed {study.seed}; none of fewer "
        f"than {FEWEST}, nor where all are alike).",
        *(compared if largest else ()),
    )


def _agreement(study: Study, analysis: Analysis, codebook: Codebook) -> tuple[str, ...]:
    known = analysis.agreement.dropna(subset="value").to_dict("records")
    rows, ranks = ([row for row in known if row["statistic"] == statistic] for statistic in ("AUC", RANKS))
    if not rows:
        return (NOTHING_CODED,)
    labels = labels_of(codebook)
    values = "; ".join(
        f"{row['value']:.2f} ({bounds(row)}) for {labels[row['construct']]}, {row['question']}" for row in rows
    )
    most = max(row["n"] for row in rows)
    return (
        *([coding(analysis, study.annotations_note)] if len(analysis.annotations) else []),
        f"Against up to {most} passages coded by hand, the area under the ROC curve (95% interval) was {values}.",
        "Precision and recall at the threshold are given in tables/agreement.csv, the mean values beside the mean codes in tables/errors.csv.",
        *(
            f"Over {row['n']} articles, scores and mean codes had a rank correlation of {row['value']:.2f} ({bounds(row)}) for "
            f"{labels[row['construct']]}."
            for row in ranks
        ),
        f"A construct is reported as supported where the lower bound of the interval of each of its AUCs is {BAR:.2f} or more, with {FEW} codes and "
        f"{FEWEST} articles or more on either side, and where the order of the articles, if coded, is better than chance.",
    )


def _coders(analysis: Analysis, codebook: Codebook) -> tuple[str, ...]:
    """How far coders agree with each other, where they judged the same."""
    rows = analysis.reliability
    rows = rows[rows["statistic"].str.startswith("alpha")].dropna(subset="value")
    labels = labels_of(codebook) | {VOICE: "the voice"}
    said = [
        f"{row['value']:.2f} ({bounds(row)}; {number(row['n_units'], 'passage')}) for {labels[row['construct']]}"
        for row in rows.to_dict("records")
    ]
    return (f"Between coders Krippendorff's alpha (2019; 95% interval) was {'; '.join(said)}.",) if said else ()


def _correction(analysis: Analysis) -> tuple[str, ...]:
    """What was corrected, where anything could be, and what was not."""
    table = analysis.corrected_estimates
    known = table[table["corrected"].notna() & (table["outlet"] != UNKNOWN)]
    if known.empty:
        return ()
    groups, coded = known["outlet"].nunique(), int(known.groupby("construct")["n_coded"].sum().max())
    return (
        f"For {groups} of {len(named_groups(analysis))} named groups mean values were also corrected for the model's errors with up to "
        f"{number(coded, 'coded passage')} drawn with known probabilities, by the difference estimator (Särndal, Swensson and Wretman 1992; "
        "Egami et al. 2023; tables/corrected_estimates.csv; for the stance the net stance over all passages). The comparisons with the other "
        "groups, the shares and the voices are of the model's uncorrected values.",
    )
