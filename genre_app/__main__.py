"""``python -m genre_app``."""

import sys

from genre_app.cli.main import main
from genre_app.cli.models import COMMAND, models

_PROGRAM = "python -m genre_app"

if sys.argv[1:2] == [COMMAND]:
    models(sys.argv[2:], prog_name=f"{_PROGRAM} {COMMAND}")
else:
    main(prog_name=_PROGRAM)
