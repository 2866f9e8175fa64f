"""Dates and numbers as records write them: with their precision, and exact."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, cast

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_POINT = r"[12]\d{3}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"
_DATE = re.compile(rf"(?P<about>about )?(?P<first>{_POINT})(?:/(?P<last>{_POINT}))?", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)


class _Written:
    """A value that records write as text and that `parse` reads."""

    written: str

    @classmethod
    def parse(cls, text: str) -> Any:
        raise NotImplementedError

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def read(value: Any) -> Any:
            if isinstance(value, cls):
                return value
            if not isinstance(value, str):
                raise PydanticCustomError("text", "should be written as one plain value")
            try:
                return cls.parse(value)
            except ValueError as error:
                raise PydanticCustomError("value", "{why}", {"why": str(error)}) from None

        return core_schema.no_info_plain_validator_function(
            read, serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value.written)
        )


@dataclass(frozen=True)
class PartialDate(_Written):
    """A year, a month, a day, or a range of them, as ISO 8601 writes it, with an optional `about` before it.

    `first` and `last` are the earliest and the latest day that it can mean; `about` widens them by one unit of what is
    written: about 2014 can mean 2013 to 2015, about 2020-03 February to April.
    """

    written: str
    first: date
    last: date
    about: bool = False

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read `2017`, `2017-07`, `2017-07-14`, `2016/2019` or `about 2014`; ValueError otherwise."""
        match = _DATE.fullmatch(text)
        if not match:
            raise ValueError(
                f"{text!r} is not a date: write 2017, 2017-07, 2017-07-14, a range such as 2016/2017-03, or about 2014"
            )
        first, _ = _bounds(match["first"])
        _, last = _bounds(match["last"] or match["first"])
        if last < first:
            raise ValueError(f"{text!r} ends before it begins: put the earlier date first")
        if match["about"]:
            first -= _unit(match["first"])
            last += _unit(match["last"] or match["first"])
        return cls(text, first, last, bool(match["about"]))

    def surely_after(self, other: PartialDate) -> bool:
        """Whether every day that it can mean comes after every day that `other` can mean."""
        return self.first > other.last

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        about = "A year, month, day, range or about …: 2017, 2017-07, 2017-07-14, 2016/2017-03, about 2014."
        text = {"type": "string", "pattern": rf"^(about )?{_POINT}(/{_POINT})?$"}
        if handler.mode == "serialization":
            return {"description": about, **text}
        # as an editor reads a year
        return {"description": about, "anyOf": [text, {"type": "integer", "minimum": 1000, "maximum": 2999}]}

    def __str__(self) -> str:
        """For a page: `14 July 2017`, `July 2017`, `2016 to March 2017`, `about 2014`."""
        written = self.written.removeprefix("about ")
        text = " to ".join(_spoken(point) for point in written.split("/"))
        return f"about {text}" if self.about else text


def _bounds(point: str) -> tuple[date, date]:
    parts = [int(part) for part in point.split("-")]
    year = parts[0]
    if len(parts) == 1:
        return date(year, 1, 1), date(year, 12, 31)
    month = parts[1]
    length = calendar.monthrange(year, month)[1]
    if len(parts) == 2:
        return date(year, month, 1), date(year, month, length)
    if parts[2] > length:
        raise ValueError(f"{point!r} is not a date: that month has {length} days")
    day = date(year, month, parts[2])
    return day, day


def _unit(point: str) -> timedelta:
    return {4: timedelta(days=365), 7: timedelta(days=28), 10: timedelta(days=1)}[len(point)]


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
# calendar.month_name would follow the machine's locale, and the same input must give the same bytes everywhere


@cache
def _spoken(point: str) -> str:
    parts = [int(part) for part in point.split("-")]
    if len(parts) == 1:
        return str(parts[0])
    month = f"{MONTHS[parts[1] - 1]} {parts[0]}"
    return f"{parts[2]} {month}" if len(parts) == 3 else month


@dataclass(frozen=True)
class Number(_Written):
    """An exact decimal number, written with digits alone: no thousands separator, exponent or leading zero."""

    written: str
    exact: Decimal

    @classmethod
    def parse(cls, text: str) -> Number:
        """Read `31500` or `0.5`; ValueError otherwise."""
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"{text!r} is not a number: write digits alone, such as 31500 or 0.5")
        return cls(text, Decimal(text))

    @property
    def plain(self) -> int | float:
        """The number as JSON and databases hold it: exact where it is whole."""
        return float(self.exact) if "." in self.written else int(self.exact)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def written(value: Number, info: core_schema.SerializationInfo) -> int | float | str:
            return value.plain if info.mode == "json" else value.written

        made = dict(super().__get_pydantic_core_schema__(source, handler))
        made["serialization"] = core_schema.plain_serializer_function_ser_schema(written, info_arg=True)
        return cast("CoreSchema", made)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        if handler.mode == "serialization":
            return {"description": "A number.", "type": "number"}
        pattern = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
        # an editor's YAML server reads 31500 as a number, so that both have to pass there
        return {
            "description": "Digits alone: 31500 or 0.5.",
            "anyOf": [{"type": "number"}, {"type": "string", "pattern": pattern}],
        }

    def __str__(self) -> str:
        """For a page: with a comma between thousands."""
        return f"{self.exact:,}"
