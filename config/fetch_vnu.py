"""Fetch the Nu HTML checker's jar from its npm package: `fetch_vnu.py VERSION SHA256 TARGET`. Standard library only."""

import hashlib
import io
import sys
import tarfile
import urllib.request
from pathlib import Path


def main(version: str, digest: str, target: str) -> None:
    """Write the jar to `target`. Exits when the package is not the one whose digest is known."""
    address = f"https://registry.npmjs.org/vnu-jar/-/vnu-jar-{version}.tgz"
    with urllib.request.urlopen(address, timeout=300) as answer:
        package = answer.read()
    if hashlib.sha256(package).hexdigest() != digest:
        sys.exit(f"{address} is not the package it was.")
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        jar = archive.extractfile("package/build/dist/vnu.jar")
        if jar is None:
            sys.exit(f"{address} holds no checker.")
        Path(target).write_bytes(jar.read())


if __name__ == "__main__":
    main(*sys.argv[1:])
