"""Decides which open invoice a payment settles: by the number in its text, else by amount and a payer much like it."""

import re
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher

from statement import Invoice, Payment

NUMBER = re.compile(r"\b[A-Z]\d{4}-\d{5}\b")
LIKENESS = 0.75


@dataclass(frozen=True)
class Match:
    outcome: str
    invoice: Invoice | None = None
    by: str | None = None


class Matcher:
    def __init__(self, invoices: list[Invoice], tolerance_cents: int) -> None:
        self._open = {invoice.number: invoice for invoice in invoices}
        self._tolerance = Decimal(tolerance_cents) / 100
        self._settled: list[dict] = []
        self._unmatched: list[dict] = []

    def take(self, payment: Payment) -> Match:
        match = self._match(payment)
        entry = {"line": payment.line, "payer": payment.payer, "amount": str(payment.amount)}
        if match.invoice is None:
            self._unmatched.append({**entry, "reason": match.outcome})
        else:
            del self._open[match.invoice.number]
            self._settled.append({**entry, "invoice": match.invoice.number, "by": match.by})
        return match

    def report(self) -> dict:
        remaining = sorted(self._open.values(), key=lambda invoice: invoice.number)
        return {
            "settled": self._settled,
            "unmatched": self._unmatched,
            "open": [{"invoice": i.number, "customer": i.customer, "amount": str(i.amount)} for i in remaining],
            "openAmount": str(sum((i.amount for i in remaining), Decimal("0.00"))),
        }

    def _match(self, payment: Payment) -> Match:
        if payment.amount <= 0:
            return Match("not a payment to us")
        named = [self._open[number] for number in NUMBER.findall(payment.text) if number in self._open]
        if len(named) > 1:
            return Match("names several invoices")
        if named:
            return self._settles(payment, named[0], "number")
        alike = [
            invoice
            for invoice in self._open.values()
            if self._fits(payment, invoice) and likeness(payment.payer, invoice.customer) >= LIKENESS
        ]
        if len(alike) == 1:
            return self._settles(payment, alike[0], "payer")
        return Match("fits several invoices" if alike else "fits no open invoice")

    def _settles(self, payment: Payment, invoice: Invoice, by: str) -> Match:
        if self._fits(payment, invoice):
            return Match(f"settles {invoice.number}", invoice, by)
        return Match(f"{payment.amount - invoice.amount:+} off {invoice.number}")

    def _fits(self, payment: Payment, invoice: Invoice) -> bool:
        return abs(payment.amount - invoice.amount) <= self._tolerance


def likeness(a: str, b: str) -> float:
    return SequenceMatcher(None, plain(a), plain(b)).ratio()


def plain(name: str) -> str:
    words = re.sub(r"[^\w\s]", " ", name.casefold()).split()
    return " ".join(word for word in words if word not in {"sa", "s", "a", "ltda", "inc", "gmbh", "de"})
