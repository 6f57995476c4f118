"""Speed and memory against peers and floors taken in the same run: `python -m tests.benchmarks`, no tests."""
