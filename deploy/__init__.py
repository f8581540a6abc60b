"""The app on a Ray cluster: Ray Serve answers visitors, Ray Data works through libraries. See docs/scaling.md."""
