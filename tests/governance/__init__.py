"""The policy as a governed object: versions, approvals, canary, rollback, and what they do to reports."""
