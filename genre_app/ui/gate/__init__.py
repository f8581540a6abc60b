"""What stands between the network and Gradio: which requests reach it, what its answers carry, and who may log in."""
