"""Check that npm trusted publishing can work, then run the real ``npm publish``."""

__version__ = "0.1.0"
