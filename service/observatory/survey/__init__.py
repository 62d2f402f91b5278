"""The survey: every figure of the published one (SINTES crack, 2018-2019), each defined once.

A rock is surveyed when a final answer of it is in force (`evidence/finding.py` decides its content,
weight and substances). The table, what goes with what, the shares and the comparisons between
groups are of rocks whose measured content, on the basis asked for, is above 6 %, as the published
ones are; prevalence and beliefs are of all. Contents are percent by weight, weights and amounts mg,
prices EUR; a rock that cost nothing was given, and has no price. What was never told or measured is
missing (NaN), and every figure says of how many rocks it is.
"""
