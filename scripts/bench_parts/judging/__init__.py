"""How well methods see planted patterns: made-up cities, methods side by side, one way of counting alerts."""
