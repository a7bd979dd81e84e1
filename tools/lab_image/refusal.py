"""Why nothing was done."""


class Refusal(Exception):
    """One line for the user."""
