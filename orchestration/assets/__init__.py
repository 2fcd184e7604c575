"""The graph: one module a kind of asset. Bodies call the functions of `orchestration.stages`."""
