"""The pages that need reports: tuning, the reports of a pattern, quarantine, and the preview of an intake."""
