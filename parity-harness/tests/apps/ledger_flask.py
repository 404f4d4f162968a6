"""Twin 4, baseline: dates, decimals, Unicode and numbers in JSON, and strict query parsing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, Flask, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue

ledger = Blueprint("ledger", __name__)

CENT = Decimal("0.01")
SEEDS = (
    ("2024-01-31", "1200.00", "salary", True),
    ("2024-02-01", "-7.50", "café", True),
    ("2024-02-29", "-0.99", "Straße", False),
    ("2024-03-01", "-45.10", "東京", False),
    ("2024-03-15", "20.00", "Refund", True),
)


class Ledger:
    """Entries by number, and two accounts."""

    def __init__(self) -> None:
        self.entries: dict[int, dict[str, Any]] = {}
        self.last = 0
        opened = date(2023, 12, 24)
        self.accounts: dict[str, dict[str, Any]] = {
            "giro": {"name": "giro", "balance": Decimal("100.00"), "opened": opened},
            "Übrig": {"name": "Übrig", "balance": Decimal("5.00"), "opened": opened},
        }
        for day, amount, memo, cleared in SEEDS:
            self.book(date.fromisoformat(day), Decimal(amount), memo, cleared=cleared)

    def book(self, day: date, amount: Decimal, memo: str, *, cleared: bool) -> dict[str, Any]:
        self.last += 1
        row = {"id": self.last, "booked": day, "amount": amount, "memo": memo, "cleared": cleared}
        self.entries[self.last] = row
        return row


def create_app() -> Flask:
    """Make a fresh app with five entries in it."""
    app = Flask(__name__, static_folder=None)
    app.extensions["ledger"] = Ledger()
    app.register_blueprint(ledger)
    return app


@ledger.get("/entries")
def list_entries() -> ResponseReturnValue:
    since = request.args.get("since", type=date.fromisoformat)
    least = request.args.get("min", type=Decimal)
    query = request.args.get("q", "").strip().casefold()
    rows = [row for row in book().entries.values() if query in row["memo"].casefold()]
    if since is not None:
        rows = [row for row in rows if row["booked"] >= since]
    if least is not None:
        rows = [row for row in rows if row["amount"] >= least]
    if "cleared" in request.args:
        rows = [row for row in rows if row["cleared"] == (request.args["cleared"] == "true")]
    number = max(request.args.get("page", 1, type=int), 1)
    return jsonify(rows[(number - 1) * 3 : number * 3]), 200, {"X-Pages": str(-(-len(rows) // 3))}


@ledger.post("/entries")
def create_entry() -> ResponseReturnValue:
    data = request.get_json()
    try:
        day, amount = date.fromisoformat(data["booked"]), cents(data["amount"])
    except (KeyError, TypeError, ValueError) as error:
        return jsonify(message=f"not an entry: {type(error).__name__}"), 400
    memo, cleared = data.get("memo", ""), data.get("cleared", False)
    if not isinstance(memo, str) or not isinstance(cleared, bool):
        return jsonify(message="memo is text, cleared true or false"), 400
    row = book().book(day, amount, memo, cleared=cleared)
    return jsonify(row), 201, {"Location": url_for("ledger.read_entry", number=row["id"])}


@ledger.get("/entries/<int:number>")
def read_entry(number: int) -> ResponseReturnValue:
    row = book().entries.get(number)
    return jsonify(row) if row else missing(number)


@ledger.delete("/entries/<int:number>")
def delete_entry(number: int) -> ResponseReturnValue:
    return ("", 204) if book().entries.pop(number, None) else missing(number)


@ledger.get("/balance")
def balance() -> ResponseReturnValue:
    amounts = [row["amount"] for row in book().entries.values()]
    count, total = len(amounts), sum(amounts, Decimal("0.00"))
    return jsonify(
        total=total,
        average=float(total) / count if count else None,
        largest=max(amounts, default=None),
        count=count,
        as_of=datetime.now(UTC),
    )


@ledger.post("/transfers")
def transfer() -> ResponseReturnValue:
    data = request.get_json()
    try:
        source, target = book().accounts[data["from"]], book().accounts[data["to"]]
        amount = cents(data["amount"])
    except (KeyError, TypeError, ValueError):
        return jsonify(message="from, to and amount are needed"), 400
    if amount <= 0:
        return jsonify(message="the amount must be more than nothing"), 422
    if source["balance"] < amount:
        return jsonify(message="not enough money", short=amount - source["balance"]), 409
    source["balance"] -= amount
    target["balance"] += amount
    return jsonify(source=source, target=target), 201


@ledger.get("/accounts/<name>")
def account(name: str) -> ResponseReturnValue:
    row = book().accounts.get(name)
    return jsonify(row) if row else missing(name)


@ledger.post("/echo")
def echo() -> ResponseReturnValue:
    data = request.get_json()
    return jsonify(got=data, type=type(data).__name__)


@ledger.get("/days/<string(length=10):day>")
def day_of(day: str) -> ResponseReturnValue:
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return jsonify(message="a day looks like 2024-02-29"), 400
    after = found + timedelta(days=1) if found < date.max else None
    return jsonify(day=found.strftime("%A"), iso=found.isoformat(), after=after)


def book() -> Ledger:
    found: Ledger = current_app.extensions["ledger"]
    return found


def missing(what: object) -> ResponseReturnValue:
    return jsonify(message=f"nothing at {what}", docs=None), 404


def cents(value: object) -> Decimal:
    """Read money from a number or a text; raises ValueError or TypeError."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError("not a number")
    try:
        return Decimal(str(value)).quantize(CENT)
    except InvalidOperation as error:
        raise ValueError("not an amount") from error
