"""From findings to patterns, followed from run to run."""
