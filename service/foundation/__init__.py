"""What every room stands on: settings, database, refusals, HTTP, log, clock.

It knows nothing of rocks.
"""
