"""Fingerprints of the code that a step's result depends on, computed from the syntax trees of the modules it imports.

Snakemake does not notice when an imported package is edited, so each rule passes a fingerprint of its step's code to
Snakemake as a parameter. Comments, blank lines, formatting and docstrings do not affect it. A changed statement does,
in the module itself or in any module of the package that it imports, directly or not, at the top or inside a function.
Imports by name at run time (``importlib``) are not followed: those modules must be named as further roots.
"""

import ast
import difflib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rework.errors import ConfigError
from rework.remembered_sources import ModuleSource, RememberedSources

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class SourceTree:
    """The modules of one package on disk, each parsed at most once.

    Args:
        root: the folder that holds the package, for example ``workflow``.
        package: name of the package; everything else is covered by the lock file.
        memory: file that keeps what was parsed for the next process, or None.
    """

    def __init__(self, root: Path, package: str = "rework", memory: Path | None = None) -> None:
        self.root = root
        self.package = package
        self._remembered = None if memory is None else RememberedSources(memory, Path(__file__))
        self._sources: dict[str, ModuleSource | None] = {}
        self._fingerprints: dict[tuple[str, ...], str] = {}

    def fingerprint(self, *modules: str) -> str:
        """Return a hash, 64 hexadecimal digits, of the code of the modules and of everything they import.

        Raises:
            ConfigError: a named module does not exist, or a module of the closure is not valid Python.
        """
        key = tuple(sorted(set(modules)))
        if key not in self._fingerprints:
            lines = (f"{name} {source.digest}" for name, source in sorted(self._closure(key).items()))
            self._fingerprints[key] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
            if self._remembered is not None:
                self._remembered.save()
        return self._fingerprints[key]

    def closure(self, *modules: str) -> tuple[str, ...]:
        """Return the sorted names of the modules that a fingerprint of ``modules`` covers."""
        return tuple(sorted(self._closure(modules)))

    def _closure(self, modules: tuple[str, ...]) -> dict[str, ModuleSource]:
        for name in modules:
            if self._source(name) is None:
                raise ConfigError(self._unknown(name))
        found: dict[str, ModuleSource] = {}
        pending = list(modules)
        while pending:
            # Importing a.b.c runs the __init__ of a and of a.b too.
            for name in _with_parents(pending.pop()):
                source = None if name in found else self._source(name)
                if source is not None:
                    found[name] = source
                    pending.extend(source.imports)
        return found

    def _source(self, name: str) -> ModuleSource | None:
        """Parse a module, or return None if the package has no such module (but an imported function, say)."""
        if name not in self._sources:
            path = self._path(name)
            self._sources[name] = None if path is None else self._read(name, path)
        return self._sources[name]

    def _read(self, name: str, path: Path) -> ModuleSource:
        content = path.read_bytes()
        if self._remembered is None:
            return self._parse(name, path, content)
        # The same text has different imports in a package's __init__.py than in a module.
        key = path.name.encode() + b"\n" + content
        return self._remembered.get(name, key, lambda: self._parse(name, path, content))

    def _path(self, name: str) -> Path | None:
        if name.split(".")[0] != self.package:
            return None
        base = self.root.joinpath(*name.split("."))
        candidates = (base / "__init__.py", base.with_name(f"{base.name}.py"))
        return next((path for path in candidates if path.is_file()), None)

    def _parse(self, name: str, path: Path, content: bytes) -> ModuleSource:
        try:
            tree = ast.parse(content, filename=str(path))
        except SyntaxError as error:
            raise ConfigError(f"{path}, line {error.lineno}: not valid Python ({error.msg})") from None
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        parts: list[str] = []
        imports: list[ast.Import | ast.ImportFrom] = []
        _serialise(tree, parts, imports)
        digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
        names = {found for statement in imports for found in _imported_names(statement, package)}
        return ModuleSource(digest, tuple(sorted(found for found in names if found.split(".")[0] == self.package)))

    def _unknown(self, name: str) -> str:
        parent = self.root.joinpath(*name.split(".")[:-1])
        known = [path.stem for path in parent.glob("*.py") if path.stem != "__init__"]
        near = difflib.get_close_matches(name.rpartition(".")[2], known, n=1)
        hint = f"; the nearest is {name.rpartition('.')[0]}.{near[0]}" if near else ""
        return f"no module {name}: expected {self.root.name}/{name.replace('.', '/')}.py{hint}"


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _imported_names(statement: ast.Import | ast.ImportFrom, package: str) -> Iterator[str]:
    """Yield every dotted name that a statement may import as a module; ``package`` resolves relative ones."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
        return
    base = statement.module or ""
    if statement.level:
        anchor = package.split(".")[: len(package.split(".")) - statement.level + 1]
        base = ".".join([*anchor, base] if base else anchor)
    yield base
    yield from (f"{base}.{alias.name}" for alias in statement.names)


def _serialise(value: Any, parts: list[str], imports: list[ast.Import | ast.ImportFrom]) -> None:
    """Append an unambiguous text of a syntax tree, without docstrings and positions, and collect its imports.

    This is a single pass because ``ast.dump`` followed by ``ast.walk`` takes three times as long, and it runs whenever
    the workflow is parsed.
    """
    if isinstance(value, ast.AST):
        if isinstance(value, ast.Import | ast.ImportFrom):
            imports.append(value)
        parts.append(f"({type(value).__name__}")
        for name in value._fields:
            child: Any = getattr(value, name, None)
            if name == "body" and isinstance(value, _DOCUMENTED) and _has_docstring(child):
                child = child[1:]
            _serialise(child, parts, imports)
        parts.append(")")
    elif isinstance(value, list):
        parts.append("[")
        for child in value:
            _serialise(child, parts, imports)
        parts.append("]")
    else:
        parts.append(repr(value))


def _has_docstring(body: Any) -> bool:
    if not (body and isinstance(body[0], ast.Expr)):
        return False
    first = body[0].value
    return isinstance(first, ast.Constant) and isinstance(first.value, str)
