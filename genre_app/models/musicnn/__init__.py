"""MusiCNN: 50 tags, and the heads on them."""
