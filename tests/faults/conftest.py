"""What the tests of downloads share."""

import pytest
from file_server import FileServer


@pytest.fixture
def server(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    running = FileServer()
    yield running
    running.close()
