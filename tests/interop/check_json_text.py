"""Compares the port with a table of JSON texts and what becomes of them: ../data/json_text.tsv"""

import pathlib
import sys
import urllib.parse

import idempotency

TABLE = pathlib.Path(__file__).parents[1] / "data" / "json_text.tsv"


def main():
    lines = TABLE.read_text(encoding="utf-8").split("\n")
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    problems = [problem_of(text, outcome, why) for _, text, outcome, why in rows]
    failed = [problem for problem in problems if problem]
    for problem in failed:
        print(problem)
    print(f"{len(rows) - len(failed)} texts passed, {len(failed)} failed")
    return 0 if rows and not failed else 1


def problem_of(text, outcome, why):
    """What is not as the table says: a canonical form, or none."""
    expected = unescaped(outcome[2:]) if outcome.startswith("= ") else None
    try:
        canonical = idempotency.canonical_bytes(unescaped(text))
    except ValueError:
        canonical = None
    return None if canonical == expected else f"{text} ({why}): {outcome}, and is {canonical}"


def unescaped(text):
    """The bytes of a text in which % and two hex digits are a byte."""
    return urllib.parse.unquote_to_bytes(text)


if __name__ == "__main__":
    sys.exit(main())
