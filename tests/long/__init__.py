"""Documented commands that take longer than the ordinary tests may, and what each has to leave."""

from tests.long import benchmarks, developers, studies

LONG = {long.text: long for part in (studies, benchmarks, developers) for long in part.LONG}
