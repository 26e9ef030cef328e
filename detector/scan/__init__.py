"""The scan statistic: zones, counts, kernel, Monte Carlo."""
