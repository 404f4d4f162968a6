"""The test rig: both workers as real processes on a database of their own.

Used by the end-to-end tests, by `make demo` and by the benchmarks. Import name: `rig`.
"""
