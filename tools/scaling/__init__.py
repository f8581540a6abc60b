"""What a Ray cluster carries: measured on one machine, and simulated up to a thousand GPUs."""
