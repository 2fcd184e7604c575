"""Tell people what needs them: once when it begins, once when it is over.

What a run finds is compared with what is open (`changes`), told in one message a group
(`messages`), and written together with what must be sent in one transaction (`ledger`). Whoever
carries the run, command line or sensor, then sends what waits (`delivery`, `sinks`). Judging data
does not belong here: findings are made of others' verdicts (`findings`).
"""
