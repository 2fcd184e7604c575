"""Live sources: a pull writes the deliveries that a source's contract already reads.

Here belongs how a vendor's database or API is asked, and from where to go on next time. A pull ends
in files under `data/pulled/<source>`, in the layout of the vendor's own exports; landing takes them
from there as it takes any other file. What a row is worth is not decided here. The doors are
`pulling.pull`, `pulls.read_pulls` and `pulls.register_pulls`.
"""
