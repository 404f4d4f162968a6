"""The whole cutover on one machine, with faults: what it would do, shown before it must."""
