"""Exports become the raw lake: contracts, readers, landing, quarantine, set-aside, raw views.

Here belongs everything that must be known about a vendor's files, and nothing about what their
rows mean: no renaming to canonical tables, no verdict on a row that could be read, no business
rule. The doors are `landing.land`, `setaside.reject` and `restore`, `views.register_raw`, and
`contracts.load_contracts`.
"""
