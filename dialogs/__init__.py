"""The pure conversation engine: script + state + input → state, what to say, what to record.

No I/O, no clock, no imports of ours. Start reading at `dialogs.engine.step`.
"""
