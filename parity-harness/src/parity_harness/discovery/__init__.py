"""What there is to ask: inventory of both apps, probes made from it, the trap catalogue."""
