"""Caillou: one rock in, a few plain and true sentences out.

The rooms stand in the order of the data's own journey, and imports run one way:
foundation <- access, vocabulary <- intake <- lab <- evidence <- wording
           <- cards | observatory <- pages <- demo <- refusals <- openapi <- app <- commands.
"""
