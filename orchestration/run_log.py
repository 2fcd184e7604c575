"""Keep what Dagster, dbt and the libraries say in one file, off the user's screen."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import dagster as dg

ROOT = "trustlift"
_CAPTURED = (ROOT, "py.warnings", "dagster", "dbt")
NAME = "run_log"


@dg.logger({}, description="Into run.log, by way of Python's logging.")
def run_log(_: dg.InitLoggerContext) -> logging.Logger:
    """Give Dagster a logger whose records end up in run.log."""
    return logging.getLogger(f"{ROOT}.dagster")


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Send log records, warnings and stray prints to a file while the block lasts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    handler.setLevel(logging.INFO)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    loggers = [logging.getLogger(name) for name in _CAPTURED]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    logging.captureWarnings(capture=True)
    try:
        with redirect_stdout(handler.stream):
            yield
    finally:
        logging.captureWarnings(capture=False)
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate
        handler.close()
