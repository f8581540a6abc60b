"""Models from the Hugging Face hub: finding them on this machine, and downloading them.

Files are stored in the hub's own cache and layout, where other programs find them too. Importing this package loads
neither huggingface_hub nor torch.
"""

from genre_app.models.hub.cache import find_all_local, find_local, is_model_id
from genre_app.models.hub.download import download
from genre_app.models.hub.transfer import DownloadProgress

__all__ = ["DownloadProgress", "download", "find_all_local", "find_local", "is_model_id"]
