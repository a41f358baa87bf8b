"""The inputs that the course makes of the admissions."""

import pandas as pd

GREATEST = {"gre": 800.0, "gpa": 4.0}  # what the course divides the results by


def ranks_apart(students: pd.DataFrame) -> pd.DataFrame:
    """Return six inputs of each student: both results as shares of the greatest possible, and one for each rank."""
    results = students[list(GREATEST)] / pd.Series(GREATEST)
    return results.assign(**{f"rank {rank}": (students["rank"] == rank).astype(float) for rank in range(1, 5)})
