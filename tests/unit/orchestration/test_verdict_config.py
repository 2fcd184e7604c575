"""The block `verdicts`: the catalogue by default, and no policy that contradicts itself."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from orchestration.config_errors import ConfigError
from orchestration.config_load import load_settings
from orchestration.verdict_config import Verdicts
from verdicts.policy import VerdictPolicy

Write = Callable[..., Path]


def test_every_number_of_the_policy_can_be_set() -> None:
    elsewhere = {"min_sample", "return_adoption_rate"}
    assert set(Verdicts.model_fields) == {one.name for one in fields(VerdictPolicy)} - elsewhere


def test_without_a_block_the_catalogue_holds(write_config: Write) -> None:
    assert load_settings(write_config()).verdict_policy == VerdictPolicy()


def test_what_the_file_says_reaches_the_machine(write_config: Write) -> None:
    target = {"value": 0.3, "owner": "product", "reason": "Agreed upon."}
    policy = load_settings(
        write_config(
            verdicts={"opt_out_hazard": 0.005, "fix_measure_weeks": 6},
            policy={"min_sample": 50},
            targets={"return_adoption_rate": target},
        )
    ).verdict_policy
    assert (policy.opt_out_hazard, policy.fix_weeks) == (0.005, 8)
    assert (policy.min_sample, policy.return_adoption_rate) == (50, 0.3)


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({"opt_out_hazard": 1.5}, ["verdicts.opt_out_hazard = 1.5", "less than 1", "Write less"]),
        ({"scale_weeks": 0}, ["verdicts.scale_weeks = 0", "Write 1 or more"]),
        ({"distrust_signals": 5}, ["verdicts.distrust_signals = 5", "Write 4 or less"]),
        ({"opt_out_hasard": 0.1}, ["verdicts.opt_out_hasard", "'opt_out_hazard'"]),
        (
            {"engagement_low": 0.2},
            [
                "engagement_low = 0.2 must not be above engagement_high = 0.1",
                "Lower engagement_low",
            ],
        ),
        (
            {"recovery_weeks": 5},
            ["recovery_weeks = 5", "no fix could ever recover", "raise fix_measure_weeks"],
        ),
        ({"no_value_weeks": 8}, ["decision_weeks = 12 must not be above no_value_weeks = 8"]),
    ],
)
def test_a_policy_that_cannot_hold_is_refused_with_value_rule_and_remedy(
    write_config: Write, block: dict[str, Any], told: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(write_config(verdicts=block))
    for words in told:
        assert words in str(caught.value)
