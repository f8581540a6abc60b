"""What lies where in a file, for what FFmpeg does not find by itself."""
