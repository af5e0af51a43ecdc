"""What Relais costs, measured: start-up, memory, durable messages and durable updates a second.

`python -m bench` runs the real program, or its real parts, in a process of their own on one core,
against a light Bot API server on the other. Read in this order: `__main__` (what is run and
printed) → `rounds` (one measurement of each kind) → `worker` (the process that is measured) →
`audit` (nothing counts that the database and the server do not both confirm).
"""
