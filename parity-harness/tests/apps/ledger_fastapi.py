"""Twin 4, candidate: dates, decimals, Unicode and numbers in JSON, ported by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from flask_answers import jsonify
from flask_reading import Ask, documented
from flask_ways import new_app
from pydantic import BaseModel, Field
from starlette.convertors import StringConvertor, register_url_convertor

ledger = APIRouter()

CENT = Decimal("0.01")
SEEDS = (
    ("2024-01-31", "1200.00", "salary", True),
    ("2024-02-01", "-7.50", "café", True),
    ("2024-02-29", "-0.99", "Straße", False),
    ("2024-03-01", "-45.10", "東京", False),
    ("2024-03-15", "20.00", "Refund", True),
)


class TenCharacters(StringConvertor):
    """Flask's `<string(length=10):…>`."""

    regex = "[^/]{10}"


register_url_convertor("ten", TenCharacters())


class NewEntry(BaseModel):
    """What an entry is made from: for the documentation, the handler checks by hand."""

    booked: date
    amount: Decimal
    memo: str = ""
    cleared: bool = False


class Transfer(BaseModel):
    """Money from one account to the other."""

    source: str = Field(alias="from")
    to: str
    amount: Decimal


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


def create_app() -> FastAPI:
    """Make a fresh app with five entries in it."""
    app = new_app(ledger)
    app.state.ledger = Ledger()
    return app


@ledger.get("/entries")
async def list_entries(request: Request, asked: Ask) -> Response:
    since = asked.args.get("since", type=date.fromisoformat)
    least = asked.args.get("min", type=Decimal)
    query = asked.args.get("q", "").strip().casefold()
    rows = [row for row in book(request).entries.values() if query in row["memo"].casefold()]
    if since is not None:
        rows = [row for row in rows if row["booked"] >= since]
    if least is not None:
        rows = [row for row in rows if row["amount"] >= least]
    if "cleared" in asked.args:
        rows = [row for row in rows if row["cleared"] == (asked.args["cleared"] == "true")]
    number = max(asked.args.get("page", 1, type=int), 1)
    pages = {"X-Pages": str(-(-len(rows) // 3))}
    return jsonify(rows[(number - 1) * 3 : number * 3], 200, pages)


@ledger.post("/entries", openapi_extra=documented(NewEntry))
async def create_entry(request: Request, asked: Ask) -> Response:
    data = asked.json()
    try:
        day, amount = date.fromisoformat(data["booked"]), cents(data["amount"])
    except (KeyError, TypeError, ValueError) as error:
        return jsonify({"message": f"not an entry: {type(error).__name__}"}, 400)
    memo, cleared = data.get("memo", ""), data.get("cleared", False)
    if not isinstance(memo, str) or not isinstance(cleared, bool):
        return jsonify({"message": "memo is text, cleared true or false"}, 400)
    row = book(request).book(day, amount, memo, cleared=cleared)
    return jsonify(row, 201, {"Location": f"/entries/{row['id']}"})


@ledger.get("/entries/{number:digits}")
async def read_entry(request: Request) -> Response:
    number = request.path_params["number"]
    row = book(request).entries.get(number)
    return jsonify(row) if row else missing(number)


@ledger.delete("/entries/{number:digits}")
async def delete_entry(request: Request) -> Response:
    number = request.path_params["number"]
    gone = book(request).entries.pop(number, None)
    return Response(status_code=204, media_type="text/html") if gone else missing(number)


@ledger.get("/balance")
async def balance(request: Request) -> Response:
    amounts = [row["amount"] for row in book(request).entries.values()]
    count, total = len(amounts), sum(amounts, Decimal("0.00"))
    return jsonify(
        {
            "total": total,
            "average": float(total) / count if count else None,
            "largest": max(amounts, default=None),
            "count": count,
            "as_of": datetime.now(UTC),
        }
    )


@ledger.post("/transfers", openapi_extra=documented(Transfer))
async def transfer(request: Request, asked: Ask) -> Response:
    data = asked.json()
    accounts = book(request).accounts
    try:
        source, target = accounts[data["from"]], accounts[data["to"]]
        amount = cents(data["amount"])
    except (KeyError, TypeError, ValueError):
        return jsonify({"message": "from, to and amount are needed"}, 400)
    if amount <= 0:
        return jsonify({"message": "the amount must be more than nothing"}, 422)
    if source["balance"] < amount:
        short = amount - source["balance"]
        return jsonify({"message": "not enough money", "short": short}, 409)
    source["balance"] -= amount
    target["balance"] += amount
    return jsonify({"source": source, "target": target}, 201)


@ledger.get("/accounts/{name}")
async def account(request: Request, name: str) -> Response:
    row = book(request).accounts.get(name)
    return jsonify(row) if row else missing(name)


@ledger.post("/echo")
async def echo(asked: Ask) -> Response:
    data = asked.json()
    return jsonify({"got": data, "type": type(data).__name__})


@ledger.get("/days/{day:ten}")
async def day_of(day: str) -> Response:
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return jsonify({"message": "a day looks like 2024-02-29"}, 400)
    after = found + timedelta(days=1) if found < date.max else None
    return jsonify({"day": found.strftime("%A"), "iso": found.isoformat(), "after": after})


def book(request: Request) -> Ledger:
    found: Ledger = request.app.state.ledger
    return found


def missing(what: object) -> Response:
    return jsonify({"message": f"nothing at {what}", "docs": None}, 404)


def cents(value: object) -> Decimal:
    """Read money from a number or a text; raises ValueError or TypeError."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError("not a number")
    try:
        return Decimal(str(value)).quantize(CENT)
    except InvalidOperation as error:
        raise ValueError("not an amount") from error
