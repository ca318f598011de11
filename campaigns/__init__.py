"""What runs for minutes to hours, by itself and never in the suite: `python -m campaigns NAME [OPTIONS]`."""
