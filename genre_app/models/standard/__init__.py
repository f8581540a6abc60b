"""MusiCNN and YAMNet in one pass: genre, styles, tags, and whether it is music at all."""
