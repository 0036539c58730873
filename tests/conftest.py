"""Fixtures of all Python tests; the helpers are in tests/peers."""

import pytest

from peers.faulty import faulty_servers
from peers.lab import laboratory
from peers.padlock import Padlock
from peers.pki import Pki
from peers.programs import go_program
from peers.site import make_site


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def padlock(tmp_path_factory):
    """The program with one state folder for the whole session."""
    return Padlock(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def faulty(tmp_path_factory):
    """Servers whose certificates have one fault each, and what their CA publishes."""
    with faulty_servers(tmp_path_factory.mktemp("faulty")) as one:
        yield one


@pytest.fixture
def fresh_padlock(tmp_path):
    """The program with an empty state folder."""
    home = tmp_path / "home"
    home.mkdir()
    return Padlock(home)


@pytest.fixture(scope="session")
def go_peer(tmp_path_factory):
    return go_program(tmp_path_factory.mktemp("go"))


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    return make_site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def serving(padlock, site):
    """One `padlock serve` for all tests that do not need one of their own."""
    with padlock.serve(site) as server:
        yield server
        assert server.running.stop() == 0, server.running.said


@pytest.fixture(scope="session")
def lab(padlock, pki, tmp_path_factory):
    """Peers for the cells of the matrix, each running from its first cell to the end."""
    with laboratory(padlock, pki, tmp_path_factory.mktemp("lab")) as one:
        yield one
