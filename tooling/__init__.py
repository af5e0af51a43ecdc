"""What stands behind `dev.py`: the environment, the lock and the checks. Standard library only."""
