"""Records to one-file HTML reports."""
