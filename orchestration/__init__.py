"""Wire the stages into one run; put a command line, a schedule and a user interface on it.

Here belong the configuration file, the Dagster definitions, the CLI, the lock that keeps one
writer, the status of runs, and alerts. What a stage computes does not belong here: the bodies of
assets call the stage's own function. Nothing imports this package.
"""
