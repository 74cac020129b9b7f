"""Dates as publishers write them. A date that could be two days is not guessed."""

import datetime
import re

OK, MISSING, AMBIGUOUS, UNREADABLE = "ok", "missing", "ambiguous", "unreadable"
DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})[./-](\d{4})")
_FORMATS = (
    "%d %B %Y",
    "%d %b %Y",
    "%B %d %Y",
    "%b %d %Y",
    "%d. %B %Y",
    "%d-%b-%Y",
    "%d-%b-%y",  # as spreadsheets write days; 69 to 99 are years of the last century, as POSIX has it
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
_LONGEST = 100  # characters of a date
_SINCE_1970 = re.compile(r"(1\d{9})(?:\d{3})?")  # seconds or milliseconds, as programs write them
_STAMP = re.compile(r"((?:19|20)\d{6})(\d{6})")  # 20310714221500


def read_date(raw: str, order: str = "") -> tuple[datetime.date | None, str]:
    """The day that `raw` names, and ok, missing, ambiguous (06/07/2031) or unreadable.

    `order`, dmy or mdy, says what dates in numbers with the year last are; one that cannot be so is unreadable then. Without it such a date is
    what it can be; of two days it is the first one if it has dots (06.07.2031), else none. Dates with a time are taken by their own day; no time
    zone is converted. Seconds and milliseconds since 1970 name the day in UTC.

    Raises
    ------
    ValueError
        If `order` is another.
    """
    if order not in ("", DAY_FIRST, MONTH_FIRST):
        raise ValueError(f"`order` is {DAY_FIRST!r}, {MONTH_FIRST!r} or '', but {order!r} was passed.")
    text = " ".join(raw.split())
    if not text:
        return None, MISSING
    if len(text) > _LONGEST:
        return None, UNREADABLE
    if since := _SINCE_1970.fullmatch(text):
        return datetime.datetime.fromtimestamp(int(since[1]), datetime.UTC).date(), OK
    if stamp := _STAMP.fullmatch(text):
        text = "T".join(stamp.groups())
    try:
        if not text.isdigit() or len(text) == 8:
            return datetime.datetime.fromisoformat(text).date(), OK
    except ValueError:
        pass
    text = _WEEKDAY.sub("", _TIME.sub("", _WEEKDAY.sub("", text)))
    if numeric := _NUMERIC.fullmatch(text):
        return _in_numbers(int(numeric[1]), int(numeric[3]), int(numeric[4]), order, dots=numeric[2] == ".")
    words = re.sub(r"(?<=[a-z])\.", "", text.replace(",", " "), flags=re.IGNORECASE)  # "Jan. 5"
    plain = " ".join(re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", re.sub(r"\bSept\b", "Sep", words)).split())
    if plain.isdigit() and len(plain) != 8:  # strptime would find a day in 203111, and another in 311112
        return None, UNREADABLE
    for form in _FORMATS:
        try:
            return datetime.datetime.strptime(plain, form).date(), OK
        except ValueError:
            continue
    return None, UNREADABLE


def _in_numbers(first: int, second: int, year: int, order: str, *, dots: bool) -> tuple[datetime.date | None, str]:
    """The day of two numbers before a year, and its status."""
    readings = {DAY_FIRST: _day(year, second, first), MONTH_FIRST: _day(year, first, second)}
    days = {day for kind, day in readings.items() if day and order in ("", kind)}
    if len(days) == 1:
        return days.pop(), OK
    if days and dots:
        return readings[DAY_FIRST], OK
    return None, AMBIGUOUS if days else UNREADABLE


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None
