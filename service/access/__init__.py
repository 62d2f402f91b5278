"""Who may do what. We know which worker, tablet or instrument asks; never who brought a rock.

Decision, 2026-11: tokens are random and live in the database as SHA-256, so a lost tablet is one
deleted row. JWT was left aside: it cannot be revoked without the same look-up.
"""
