"""Numbers in, numbers out: intervals, tests and corrections that know no table and no chart."""
