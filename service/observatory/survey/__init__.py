"""The survey: every figure of the published one (SINTES crack, 2018-2019), each defined once."""
