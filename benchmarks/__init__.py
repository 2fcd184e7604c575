"""Speed, memory and scale, measured by scripts that print their figures; `make` runs them."""
