"""How well methods see planted patterns: made-up cities, the methods side by side, one way of counting what a person would get."""
