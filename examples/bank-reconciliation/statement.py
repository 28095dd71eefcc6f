"""Reads the bank's statement and the list of open invoices; a file that is not as it should be is refused by line."""

import csv
import json
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

COLUMNS = ["date", "payer", "text", "amount"]
# The bank writes 1.234,56.
AMOUNT = re.compile(r"^-?\d{1,3}(\.\d{3})*,\d{2}$")


class StatementError(Exception):
    """A data file that cannot be used."""


@dataclass(frozen=True)
class Payment:
    line: int
    day: date
    payer: str
    text: str
    amount: Decimal


@dataclass(frozen=True)
class Invoice:
    number: str
    customer: str
    amount: Decimal


def read_statement(path: Path) -> list[Payment]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter=";")
        if next(rows, None) != COLUMNS:
            raise StatementError(f"{path.name}: expected the columns {', '.join(COLUMNS)}")
        return [payment_of(path.name, rows.line_num, row) for row in rows if row]


def read_open_invoices(path: Path) -> list[Invoice]:
    try:
        items = json.loads(path.read_text(encoding="utf-8"))
        return [Invoice(item["number"], item["customer"], Decimal(item["amount"])) for item in items]
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise StatementError(f"{path.name}: expected a list of number, customer and amount ({error})") from error


def payment_of(file: str, line: int, row: list[str]) -> Payment:
    if len(row) != len(COLUMNS):
        raise StatementError(f"{file}:{line}: expected {len(COLUMNS)} fields, got {len(row)}")
    day, payer, text, amount = (field.strip() for field in row)
    if not AMOUNT.match(amount):
        raise StatementError(f'{file}:{line}: "{amount}" is no amount')
    try:
        return Payment(line, date.fromisoformat(day), payer, text, Decimal(amount.replace(".", "").replace(",", ".")))
    except ValueError as error:
        raise StatementError(f'{file}:{line}: "{day}" is no date') from error
