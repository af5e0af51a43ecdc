"""The program: command line, settings, clock, wiring of the parts. The only place that knows all."""

__version__ = "0.1.0"
