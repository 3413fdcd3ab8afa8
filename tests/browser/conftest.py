"""A server, a browser and the folder for screenshots, for all tests in here."""

import shutil
from pathlib import Path

import notebook_page as lab
import pytest

SHOTS = lab.ROOT / "build" / "screenshots"


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    if lab.CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=lab.CHROMIUM, args=lab.SWITCHES)
        yield started
        started.close()


@pytest.fixture(scope="session")
def address(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    for path in (lab.ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, folder)
    with lab.server(folder) as found:
        yield found


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def shots():
    SHOTS.mkdir(parents=True, exist_ok=True)
    return Path(SHOTS)
