"""Runs through a flow: how its events follow each other, and where runs were left."""

import numpy as np
import pandas as pd

from simulation.blocks import block
from simulation.company import FLOWS, STEPS
from simulation.parameters import MINUTE, SECOND
from simulation.randomness import Array, Ints, between, chance

# A session's number is that of its loan simulation; other flows' instances lie above.
_STRIDE = 10_000_000
IDLE = 30 * MINUTE


def run_flow(
    rng: np.random.Generator,
    flow: int,
    *,
    customer: Ints,
    session: Ints,
    start: Ints,
    cents: Ints,
    goes_on: float,
    last_step: int = STEPS,
) -> list[pd.DataFrame]:
    """Give the events of one run through a flow in each of some sessions.

    Args:
        rng: Source of chance.
        flow: Which flow.
        customer: Whose sessions they are.
        session: Their numbers.
        start: Microseconds at which each run begins.
        cents: What each is about.
        goes_on: Chance of every further step; the last is followed by the completion.
        last_step: Nobody comes further than before this one.
    """
    name = FLOWS[flow]
    instance = session + flow * _STRIDE
    place, at = np.arange(len(session)), start
    common = {"flow": flow}
    parts = [
        block(f"{name}_started", customer, session, at, flow_instance=instance, **common),
    ]
    for step in range(min(last_step, STEPS)):
        stays = chance(rng, goes_on, len(place))
        place, at = place[stays], at[stays] + between(rng, 5 * SECOND, MINUTE, int(stays.sum()))
        parts.append(
            block(
                f"{name}_step",
                customer[place],
                session[place],
                at,
                flow_instance=instance[place],
                flow_step=flow * STEPS + step,
                is_completion=0,
                cents=cents[place],
                **common,
            )
        )
    if last_step < STEPS:
        return parts
    parts.append(
        block(
            f"{name}_completed",
            customer[place],
            session[place],
            at + between(rng, 2 * SECOND, 20 * SECOND, len(place)),
            flow_instance=instance[place],
            flow_step=flow * STEPS + STEPS - 1,
            is_completion=1,
            cents=cents[place],
            **common,
        )
    )
    return parts


def left_runs(events: pd.DataFrame) -> pd.DataFrame:
    """Find the runs that nobody finished.

    Returns:
        customer, flow, instance, step (the last one taken, NOBODY = none), cents (NOBODY = none),
        left_at (microseconds of the last event).
    """
    runs = events[events["flow_instance"] >= 0].sort_values("at", kind="stable")
    of_run = runs.groupby("flow_instance")
    last: pd.DataFrame = of_run.agg(
        customer=("customer", "last"),
        flow=("flow", "last"),
        step=("flow_step", "max"),
        cents=("cents", "max"),
        left_at=("at", "max"),
        is_done=("is_completion", "max"),
    ).reset_index(names="instance")
    last["flow"] = last["flow"].clip(lower=0)
    return last[last["is_done"] < 1].drop(columns="is_done").reset_index(drop=True)


def wrong(rng: np.random.Generator, share: float, right: Array, other: Array) -> Array:
    """Put something else in the place of a share of the right values."""
    return np.where(chance(rng, share, len(right)), other, right)
