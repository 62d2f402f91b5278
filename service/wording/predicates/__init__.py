"""What is asked of a finding: small named predicates that a clinician can read and sign.

`Finding` says what is known; nothing here looks anywhere else. The first paragraph of each
predicate is printed, for clinicians, in docs/what-we-say.md.
"""
