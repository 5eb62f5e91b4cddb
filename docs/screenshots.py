"""Screenshots of the demo for docs/images: ``make screenshots``.

This needs Chromium and its driver (Debian: chromium, chromium-driver).
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]


def main() -> None:
    """Run the demo on a new database, and take a screenshot of its WhatsApp conversation."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3"}
        demo = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", "8123"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            password, url = _read_login(demo)
            _take_screenshot(password, url, folder)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.communicate(timeout=30)


def _read_login(demo: "subprocess.Popen[str]") -> tuple[str, str]:
    output = ""
    for line in demo.stdout or ():
        output += line
        if "Ctrl-C to stop" in line:
            break
    password = re.search(r"password (\S+)", output)
    url = re.search(r"WhatsApp +(http\S+)", output)
    if not password or not url:
        sys.exit(f"The demo printed no password or no URL:\n{output}")
    return password[1], url[1]


def _take_screenshot(password: str, url: str, folder: str) -> None:
    options = Options()
    for flag in [*FLAGS, f"--user-data-dir={folder}/chromium", "--window-size=1200,1240"]:
        options.add_argument(flag)
    options.binary_location = shutil.which("chromium") or "chromium"
    browser = webdriver.Chrome(options, Service(shutil.which("chromedriver") or "chromedriver"))
    try:
        browser.get(url)
        browser.find_element(By.NAME, "username").send_keys("demo")
        browser.find_element(By.NAME, "password").send_keys(password)
        browser.find_element(By.CSS_SELECTOR, "[type=submit]").click()
        browser.get(url)
        browser.execute_script("window.scrollTo(0, 0)")
        IMAGES.mkdir(exist_ok=True)
        browser.save_screenshot(str(IMAGES / "thread.png"))
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
