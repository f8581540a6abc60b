"""Models from the Hugging Face hub: what is here already, and how to get the rest.

Files lie in the hub's own cache, in its own layout, so that every other program finds them there too. Importing this
package loads neither huggingface_hub nor torch.
"""

from genre_app.models.hub.cache import find_all_local, find_local, is_model_id
from genre_app.models.hub.download import download
from genre_app.models.hub.transfer import DownloadProgress

__all__ = ["DownloadProgress", "download", "find_all_local", "find_local", "is_model_id"]
