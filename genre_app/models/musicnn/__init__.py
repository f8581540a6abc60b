"""MusiCNN: 50 tags, and the heads that read them."""
