"""Ways to reach people: one channel a file."""
