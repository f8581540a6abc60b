"""Audio classification models of Hugging Face."""
