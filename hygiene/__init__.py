"""Hygiene: the classification of rows that SQL can't do.

Here belongs what needs a library to say what a value is: today, whether a user agent names a bot.
The verdicts on rows (one reason each, in a fixed order) do not belong here: they are SQL, in
`models/hygiene`. Nor do numbers that judge data; those are in `expectations`.
"""
