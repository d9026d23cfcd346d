"""Compact serialization: values whose schema travels on its own, once."""
