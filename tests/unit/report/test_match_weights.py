from pathlib import Path

from report import AgreementLevel, MatchWeights, write_match_weights
from tests.unit.report.html import read

WEIGHTS = MatchWeights(
    version="0123456789ab",
    record_count=1_000,
    prior=1 / 1_025,
    threshold=0.8,
    fields=[
        (
            "first_name",
            [
                AgreementLevel(label="same", m=0.8, u=0.1, frequency_of="first_name"),
                AgreementLevel(label="<different>", m=0.2, u=0.8),
            ],
        )
    ],
)


def test_the_page_says_what_every_level_adds(tmp_path: Path) -> None:
    path = write_match_weights(tmp_path, WEIGHTS)
    page = read(path.read_text(encoding="utf-8"))
    assert "learnt from 1,000 contact records" in page.text
    assert "begin at -10.0 bits: one pair in 1,025 is one person" in page.text
    assert "From +2.0 bits on, a probability of 0.8" in page.text
    assert "same, by how common0.80.1+3.0" in page.text
    assert page.faults == []
    assert "<different>0.20.8-2.0" in page.text


def test_the_page_needs_nothing_but_itself(tmp_path: Path) -> None:
    text = write_match_weights(tmp_path, WEIGHTS).read_text(encoding="utf-8")
    assert "<script" not in text
    assert "http://" not in text
    assert "https://" not in text
