"""Developer tools that import the package; never imported by it, and not part of the wheel."""
