"""Show what the model that compares contact records has learnt."""

from typing import TYPE_CHECKING

import report
from orchestration.run import Run

if TYPE_CHECKING:
    from identity.matching.model import MatchModel


def show_match_weights(run: Run, model: "MatchModel") -> None:
    """Write the page of the model beside the validation history."""
    report.write_match_weights(
        run.places.validation,
        report.MatchWeights(
            version=model.version,
            record_count=model.record_count,
            prior=model.prior,
            threshold=run.settings.policy.matching_threshold,
            fields=[
                (
                    comparison["output_column_name"],
                    [
                        report.AgreementLevel(
                            label=level["label_for_charts"],
                            m=level["m_probability"],
                            u=level["u_probability"],
                            frequency_of=level.get("tf_adjustment_column", ""),
                        )
                        for level in comparison["comparison_levels"]
                        if not level.get("is_null_level")
                    ],
                )
                for comparison in model.comparisons
            ],
        ),
    )
