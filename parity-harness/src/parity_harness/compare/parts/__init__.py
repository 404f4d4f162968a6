"""The parts of an answer, each compared in its own way into plain differences."""
