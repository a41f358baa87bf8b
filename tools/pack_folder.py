"""Pack a folder into one archive, .zip or .tgz, whose bytes depend only on the files in it.

python tools/pack_folder.py FOLDER OUTPUT
"""

import argparse
import gzip
import tarfile
import zipfile
from pathlib import Path


def main() -> None:
    """Write the archive; names in it are relative to the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path, help="archive to write, .zip or .tgz")
    arguments = parser.parse_args()
    files = sorted(path for path in arguments.folder.rglob("*") if path.is_file() and not path.is_symlink())
    names = [(path, path.relative_to(arguments.folder).as_posix()) for path in files]
    if not names:
        parser.error(f"{arguments.folder}: holds no files")
    if arguments.output.suffix == ".zip":
        with zipfile.ZipFile(arguments.output, "w") as archive:
            for path, name in names:
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), path.read_bytes())
        return
    with (
        arguments.output.open("wb") as stream,
        gzip.GzipFile("", "wb", 1, stream, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as tar,
    ):
        for path, name in names:
            member = tarfile.TarInfo(name)
            member.size = path.stat().st_size
            with path.open("rb") as content:
                tar.addfile(member, content)


if __name__ == "__main__":
    main()
