"""What parity means, as plain values: no I/O, no framework."""
