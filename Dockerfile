# The app in a container; how to build and run it is in docs/deploy.md.
FROM python:3.12-slim

# Where pip looks for packages besides its own index. Empty: torch comes with CUDA, for which NVIDIA's files are 3 GB.
# With the address of PyTorch's index of CPU wheels, torch comes without.
ARG PIP_EXTRA_INDEX_URL=""

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860 \
    GENRE_CACHE_DIR=/cache/genre-app \
    HF_HOME=/cache/huggingface \
    MPLCONFIGDIR=/cache/matplotlib \
    NUMBA_CACHE_DIR=/cache/numba

WORKDIR /app

# The packages change rarely and the app often: they have a layer of their own.
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --requirement requirements.txt

RUN useradd --create-home --uid 1000 genre && install --directory --owner=genre --group=genre /cache

COPY LICENSE NOTICE app.py ./
COPY genre_app ./genre_app

USER 1000
VOLUME /cache
EXPOSE 7860

# With a login, the address answers with the form that asks for it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['GRADIO_SERVER_PORT']}/\", timeout=4)"]

CMD ["python", "app.py"]
