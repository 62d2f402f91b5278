"""A demo that has little patience and room for few connections: `python -m tests.foundation.hasty
run`."""

import resource

from service.commands import app
from service.foundation import bodies, server
from service.observatory.notices import stream

HEAD_SECONDS = server.HEAD_SECONDS = server.LINGER_SECONDS = 2.0
PATIENCE_SECONDS = bodies.PATIENCE_SECONDS = 1.0
stream.HEARTBEAT_SECONDS = 0.2
FILES = 200
CONNECTIONS = FILES - server.KEPT_FILES

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    app()
