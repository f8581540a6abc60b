"""What an analysis says of a track: data and arithmetic, no model and no file."""
