"""From a track to its logits: framing, batching, caching, and the classifier that joins them."""
