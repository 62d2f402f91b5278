"""What every room stands on: settings, database, refusals, HTTP, log, clock. Knows nothing of rocks."""
