"""The contenders beside Relais: what the usual libraries do with the same rows and the same steps.

Each file is one contender, written as its library's own documentation would have it, and run by an
environment of its own (`environment.py`), so that none of their packages reaches the product's.
`track.py` is what they share: the task, the stopwatch and the steps to play.
"""
