"""Dates as publishers write them. A date that could be two days is not guessed."""

import datetime
import re

OK, MISSING, AMBIGUOUS, UNREADABLE = "ok", "missing", "ambiguous", "unreadable"
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_FORMATS = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%d. %B %Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[,.]?\s+", re.IGNORECASE)


def read_date(raw: str) -> tuple[datetime.date | None, str]:
    """The day that `raw` names, and ok, missing, ambiguous (06/07/2031) or unreadable.

    ISO 8601 dates and times are taken by their own day; no time zone is converted.
    """
    text = _WEEKDAY.sub("", raw.strip())
    if not text:
        return None, MISSING
    try:
        return datetime.datetime.fromisoformat(text).date(), OK
    except ValueError:
        pass
    if numeric := _NUMERIC.fullmatch(text):
        first, second, year = map(int, numeric.groups())
        readings = {d for d in (_day(year, second, first), _day(year, first, second)) if d}
        if len(readings) == 1:
            return readings.pop(), OK
        return None, AMBIGUOUS if readings else UNREADABLE
    words = re.sub(r"(?<=[a-z])\.", "", text.replace(",", " "), flags=re.IGNORECASE)  # "Jan. 5"
    plain = " ".join(re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", re.sub(r"\bSept\b", "Sep", words)).split())
    for form in _FORMATS:
        try:
            return datetime.datetime.strptime(plain, form).date(), OK
        except ValueError:
            continue
    return None, UNREADABLE


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None
