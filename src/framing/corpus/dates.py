"""Dates as publishers write them. A date that could be two days is not guessed."""

import datetime
import re

OK, MISSING, AMBIGUOUS, UNREADABLE = "ok", "missing", "ambiguous", "unreadable"
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_FORMATS = (
    "%d %B %Y",
    "%d %b %Y",
    "%B %d %Y",
    "%b %d %Y",
    "%d. %B %Y",
    "%d-%b-%Y",
    "%Y %b %d",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
)
_DAYS = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_WEEKDAY = re.compile(rf"^{_DAYS}[,.]?\s+|[,\s]\s*{_DAYS}\.?$", re.IGNORECASE)
# A time of day behind a day, with its zone or without.
_TIME = re.compile(
    r"(?:,?\s+(?:at\s+)?|T)\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\.?)?\s*(?:Z|[A-Z]{2,4}|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
_MILLISECONDS = re.compile(r"1\d{12}")  # since 1970, as programs write them


def read_date(raw: str) -> tuple[datetime.date | None, str]:
    """The day that `raw` names, and ok, missing, ambiguous (06/07/2031) or unreadable.

    Dates with a time are taken by their own day; no time zone is converted. Milliseconds since 1970 name the day in UTC.
    """
    text = raw.strip()
    if not text:
        return None, MISSING
    if _MILLISECONDS.fullmatch(text):
        return datetime.datetime.fromtimestamp(int(text) / 1000, datetime.UTC).date(), OK
    try:
        if not text.isdigit() or len(text) == 8:
            return datetime.datetime.fromisoformat(text).date(), OK
    except ValueError:
        pass
    text = _WEEKDAY.sub("", _TIME.sub("", _WEEKDAY.sub("", text)))
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
