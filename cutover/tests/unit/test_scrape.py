"""Counters and histograms between two scrapes."""

from __future__ import annotations

import pytest

from cutover.scrape import increase, parse, quantile

TEXT = """
# TYPE requests counter
requests_total{code="2",cluster="a"} 7
requests_total{code="5",cluster="a"} 2
requests_total{code="5",cluster="b"} 1
# TYPE seconds histogram
seconds_bucket{le="1",route="x"} 2
seconds_bucket{le="1",route="y"} 1
seconds_bucket{le="+Inf",route="x"} 4
seconds_bucket{le="+Inf",route="y"} 1
seconds_count 5
seconds_sum 9
"""


def test_totals_are_summed_over_the_labels_not_asked_for() -> None:
    scrape = parse(TEXT)

    assert scrape.total("requests_total", cluster="a") == 9
    assert scrape.total("requests_total", code="5") == 3
    assert scrape.total("nothing") == 0
    assert scrape.buckets("seconds") == {1.0: 3.0, float("inf"): 5.0}


def test_a_restarted_counter_counts_from_zero() -> None:
    assert increase(5, 7) == 2
    assert increase(5, 3) == 3


def test_a_quantile_speaks_of_the_interval_alone() -> None:
    before = {1.0: 100.0, 2.0: 100.0, float("inf"): 100.0}
    now = {1.0: 100.0, 2.0: 110.0, float("inf"): 110.0}

    assert quantile(before, now, 0.5) == pytest.approx(1.5)
    assert quantile(now, now, 0.5) is None
    assert quantile({}, {1.0: 0.0, float("inf"): 4.0}, 0.95) == 1.0
