"""Portable serialization: class definitions, and what reads and writes objects by them."""
