"""Speaks with youths: `receive` (one batch of taps and texts → one transaction), `deliver` (what is
due → the channel), and the channels behind their port."""
