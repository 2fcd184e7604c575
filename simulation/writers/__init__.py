"""The vendors' native file layouts: one module a source, each writing rows already drawn."""
