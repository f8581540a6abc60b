"""A soak: hours of varied visits to a server of its own, and what they leave behind."""
