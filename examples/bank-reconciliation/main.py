"""Matches a bank statement with the open invoices.

Input: JSON on stdin. Output: JSON to the file named by ROC_OUTPUT, or to stdout. Only the standard library.
"""

import json
import os
import sys
import time
from pathlib import Path

from matching import Matcher
from statement import StatementError, read_open_invoices, read_statement

DATA = Path(__file__).parent / "data"
LIMITS = {"toleranceCents": (0, 500, 0), "pauseMs": (0, 500, 80)}


class InputError(Exception):
    """The input asks for something that this robot does not do."""


def main() -> None:
    options = read_input(sys.stdin.buffer.read())
    progress(0, "reading the statement")
    payments = read_statement(DATA / "statement.csv")
    matcher = Matcher(read_open_invoices(DATA / "open-invoices.json"), options["toleranceCents"])
    for done, payment in enumerate(payments, start=1):
        match = matcher.take(payment)
        print(f"line {payment.line}: {payment.amount:>10} {match.outcome}", flush=True)
        if done % 5 == 0 or done == len(payments):
            progress(95 * done / len(payments), f"payment {done} of {len(payments)}")
        time.sleep(options["pauseMs"] / 1000)
    report = matcher.report()
    write_report(report)
    progress(100, f"{len(report['settled'])} settled, {len(report['unmatched'])} unmatched")


def read_input(text: bytes) -> dict[str, int]:
    try:
        given = json.loads(text) if text.strip() else {}
    except ValueError as error:
        raise InputError(f"the input is not JSON: {error}") from error
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise InputError("the input: expected a JSON object")
    unknown = sorted(set(given) - set(LIMITS))
    if unknown:
        raise InputError(f'the input has an unknown member "{unknown[0]}"')
    return {
        name: whole_number(name, given.get(name, default), low, high)
        for name, (low, high, default) in LIMITS.items()
    }


def whole_number(name: str, value: object, low: int, high: int) -> int:
    # In Python True is a number; in JSON it is not.
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(f"{name}: expected a whole number from {low} to {high}, got {json.dumps(value)}")
    return value


def write_report(report: dict) -> None:
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    target = os.environ.get("ROC_OUTPUT")
    if target:
        Path(target).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


def progress(percent: float, message: str) -> None:
    print(f"::progress {percent:.0f} {message}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except (InputError, StatementError) as error:
        # The last line on stderr is what people see as the reason.
        print(error, file=sys.stderr)
        sys.exit(2)
