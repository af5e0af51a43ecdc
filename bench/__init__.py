"""What Relais costs, beside its peers: each message, each step, a burst, a long past, a start.

`python -m bench` runs the real program, or its real parts, in a process of their own on one core,
in turn with the peers (`peers/`), against a light Bot API server on the other. Read in this order:
`__main__` → `measures` (what is measured) → `comparison` (with whom, and the goals) → `rounds` (one
run) → `worker` (Relais as a contender) → `audit` (nothing counts that is not confirmed).
"""
