"""What every test of a KPI looks at beside the published marts."""

import pytest

from tests.integration.company import ZONE, Company
from tests.integration.truth import Truth


@pytest.fixture(scope="session")
def truth(kpi_company: Company) -> Truth:
    """The simulator's truth of `kpi_company`, as of the moment its run looked from."""
    return Truth(kpi_company.root / "truth", ZONE, kpi_company.as_of)
