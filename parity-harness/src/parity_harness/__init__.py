"""The parity harness: every difference a client could see between two apps."""
