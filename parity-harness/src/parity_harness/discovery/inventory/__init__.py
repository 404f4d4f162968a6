"""Which operations an app has: read from its own router, matched with the other app's."""

from parity_harness.discovery.inventory.apps import of_app
from parity_harness.discovery.inventory.matching import Matched, MatchedRoute, match
from parity_harness.discovery.inventory.routes import Inventory, Operation, Route

__all__ = ["Inventory", "Matched", "MatchedRoute", "Operation", "Route", "match", "of_app"]
