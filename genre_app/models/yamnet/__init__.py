"""YAMNet, which names 521 classes of sound."""
