"""The versions that fixes request."""

NODE = "24"
"""The oldest line of Node whose npm supports trusted publishing."""
NPM = "npm@11"
"""The npm to install: npm 12 does not run on every Node that npm 11 runs on."""
