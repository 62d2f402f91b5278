"""What to say: which sentences a finding calls for, and how each language says them.

Decision, 2026-11: catalogues are read straight from their .po files at start. Compiled .mo files
were left aside: a forgotten compile would print yesterday's sentence, and reading takes 0.1 s once.
"""
