"""The house rules, as tests: rooms in one order, small files and functions, plain names, no floats near money."""

import ast
import re
import statistics
import subprocess
from collections.abc import Collection, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SRC = ROOT / "src" / "mrr"
MODULES = sorted(SRC.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SQL = sorted((SRC / "sql").rglob("*.sql"))
MODELS = sorted((SRC / "sql" / "models").glob("*.sql"))

# In import order: a room imports from itself and from those before it. ARCHITECTURE.md tells what each one is for.
ROOMS: tuple[tuple[str, ...], ...] = (
    ("errors", "faults"),
    ("money", "period", "dates", "figures"),
    ("journal", "warehouse", "owner"),
    ("access",),
    ("facts", "balance", "policy", "bill", "order", "proration", "governance"),
    ("providers", "rows"),
    ("derivation",),
    ("reports",),
    ("metrics",),
    ("answers",),
    ("lookups",),
    ("controls", "compare", "bridge", "restate"),
    ("export", "reconcile"),
    ("watch",),
    ("charts",),
    ("readers",),
    ("keeper", "ledger_words"),
    ("book",),
    ("intake",),
    ("duty", "live", "scenario", "simulate", "telemetry", "mrr"),
    ("drills",),
    ("door",),
    ("api", "web"),
    ("serve",),
    ("cli",),
)
RANK = {name: rank for rank, room in enumerate(ROOMS) for name in room}
SKINS = ("cli", "api", "web", "mcp")
# What a skin may know of the house: the facade and what it answers with, and how money and days are written.
SKINS_MAY = {
    "errors", "money", "period", "dates", "figures", "policy", "reports", "lookups", "derivation.rehearsal", "metrics",
    "answers", "export", "charts", "book", "scenario", "simulate", "governance", "controls", "compare", "reconcile",
    "bridge", "restate", "access", "intake", "live", "door", "serve", "watch", "drills", "telemetry",
}  # fmt: skip
FORBIDDEN = {"util", "utils", "helper", "helpers", "manager", "info", "data", "handle", "handler", "process"}
# Names that a library gives what it calls.
GIVEN = {"data_received"}
# Where shares, seconds and bars on the screen may be floats; no amount passes through them as one.
FLOATS_ALLOWED = (
    "simulate", "cli", "charts", "owner", "derivation.posting", "intake", "live", "duty", "api", "web", "serve",
)  # fmt: skip


def name_of(path: Path) -> str:
    """`mrr.journal.read`; a package is named as its folder."""
    parts = path.relative_to(SRC.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    """The room in which a module lives: the first part of its name behind `mrr`."""
    return module.split(".")[1] if "." in module else module


def is_of(module: str, places: Collection[str]) -> bool:
    """Whether a module is one of some rooms, or of single parts of rooms as in `derivation.posting`."""
    return room_of(module) in places or module.removeprefix("mrr.") in places


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text("utf-8"))


NAMES = {name_of(path): path for path in MODULES}


def for_types(path: Path) -> set[ast.AST]:
    """What stands under `if TYPE_CHECKING`: it never runs."""
    guards = [
        node for node in ast.walk(tree(path)) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    return {inner for guard in guards for inner in ast.walk(guard)}


def imported(path: Path, leave_out: Collection[ast.AST] = ()) -> Iterator[str]:
    """The modules of this house that a file imports, wherever in it."""
    for node in (node for node in ast.walk(tree(path)) if node not in leave_out):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "mrr":
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in NAMES else str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in NAMES)


GRAPH = {name: set(imported(path)) - {name} for name, path in NAMES.items()}


def functions(paths: list[Path]) -> Iterator[tuple[int, str]]:
    """The number of lines of every function, with its place."""
    for path in paths:
        for node in ast.walk(tree(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                assert node.end_lineno is not None
                yield node.end_lineno - node.lineno + 1, f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"


def places(found: Iterator[tuple[Path, int]]) -> list[str]:
    """`file:line` of each, for a message that can be clicked."""
    return [f"{path.relative_to(ROOT)}:{line}" for path, line in found]


def without_words(path: Path) -> str:
    """An SQL file with comments and the insides of strings taken out, line by line."""
    return re.sub(r"'[^'\n]*'", "''", re.sub(r"--[^\n]*", "", path.read_text("utf-8")))


# ----- rooms


def test_there_is_a_house() -> None:
    """Empty lists would let every other test here pass."""
    assert len(MODULES) > 60
    assert len(MODELS) > 30
    assert len(TESTS) > 20
    assert sum(map(len, GRAPH.values())) > 150


@pytest.mark.parametrize("module", NAMES)
def test_imports_flow_one_way(module: str) -> None:
    room = room_of(module)
    assert room in RANK, f"{module} is in no room: put it into ROOMS here and into ARCHITECTURE.md"
    backward = {other for other in GRAPH[module] if RANK[room_of(other)] > RANK[room]}
    assert not backward, f"{module} imports from a later room: {backward}"


def test_no_import_cycle() -> None:
    """Two modules of one room may still name each other's types under `if TYPE_CHECKING`."""
    left = {name: set(imported(path, for_types(path))) - {name} for name, path in NAMES.items()}
    while ready := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in ready:
            del left[name]
    assert not left, f"in a cycle, or behind one: {sorted(left)}"


@pytest.mark.parametrize("module", [name for name in NAMES if name.count(".") > 1])
def test_a_room_is_not_entered_by_its_own_door(module: str) -> None:
    """`from mrr.room import part` inside of the room runs what gathers all its parts, and so closes a circle."""
    package = module.rpartition(".")[0]
    froms = (node for node in ast.walk(tree(NAMES[module])) if isinstance(node, ast.ImportFrom))
    gathers = any(part.startswith(f"{package}.") for part in GRAPH[package])
    assert not gathers or package not in {node.module for node in froms}


@pytest.mark.parametrize("module", [name for name in NAMES if room_of(name) in SKINS])
def test_skins_ask_only_the_book(module: str) -> None:
    beyond = {other for other in GRAPH[module] if not is_of(other, SKINS_MAY | {room_of(module)})}
    assert not beyond, f"{module} reaches past the book: {beyond}"


def test_only_the_book_reads_the_clock() -> None:
    clock = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time(_ns)?)\(|\bfrom time import")
    readers = {name for name, path in NAMES.items() if clock.search(path.read_text("utf-8"))}
    assert readers == {"mrr.book.clock"}


def test_vendors_words_stay_with_the_provider() -> None:
    """The field names of a vendor are known to its decoder and to the simulator; its name also to who imports."""
    fields = "livemode|pause_collection|previous_attributes|unit_amount_decimal|transform_quantity|current_period_end"
    fields += "|usage_type_metered|proration_behavior|trial_end\\b|cancellation_details|transform_usage|tax_behavior"
    for path in (path for path in [*MODULES, *SQL, *SRC.rglob("*.toml")] if "simulate" not in path.parts):
        text, room = path.read_text("utf-8"), path.relative_to(SRC).parts[0].removesuffix(".py")
        if "providers" not in path.parts:
            assert not re.search(fields, text), f"{path.name} knows a field of a vendor"
        # A published formula, and a published rule, is named by who published it.
        if room not in ("providers", "book", "scenario", "cli") and not {"metrics", "presets"} & {*path.parts}:
            assert "stripe" not in text.lower(), f"{path.name} names a vendor"


# ----- size and words


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_and_says_its_duty(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400
    duty = ast.get_docstring(tree(path))
    assert duty, "no docstring"
    assert duty.splitlines()[0].endswith((".", "?")), "the first line of the docstring is no sentence"


@pytest.mark.parametrize("paths", [MODULES, TESTS], ids=["src", "tests"])
def test_functions_are_short(paths: list[Path]) -> None:
    sizes = sorted(functions(paths))
    lengths = [length for length, _ in sizes]
    assert statistics.median(lengths) <= 10
    assert lengths[len(lengths) * 9 // 10] <= 30
    assert lengths[-1] <= 70, sizes[-1]


def public(node: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """The public functions and classes of a module or class, and those inside its public classes."""
    for inner in node.body:
        if isinstance(inner, (ast.FunctionDef, ast.ClassDef)) and not inner.name.startswith("_"):
            yield inner
            if isinstance(inner, ast.ClassDef):
                yield from public(inner)


def test_what_is_public_has_a_docstring() -> None:
    bare = places((path, node.lineno) for path in MODULES for node in public(tree(path)) if not ast.get_docstring(node))
    assert not bare


def bound(path: Path) -> Iterator[tuple[str, int]]:
    """The names that a file gives to functions, classes, parameters and variables."""
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno


def test_names_say_something() -> None:
    def empty(name: str) -> bool:
        return name not in GIVEN and bool(FORBIDDEN & set(name.lower().split("_")))

    assert not [name for name in NAMES if any(map(empty, name.split(".")))]
    assert not places((path, line) for path in MODULES for name, line in bound(path) if empty(name))


# ----- money


def test_no_floats_near_money() -> None:
    near = [path for name, path in NAMES.items() if not is_of(name, FLOATS_ALLOWED)]
    near += [SRC / "figures.py", SRC / "simulate" / "exact.py", SRC / "simulate" / "movements.py"]
    assert len(near) > 40
    assert not places((path, line) for path in near for line in floats(path))


def floats(path: Path) -> Iterator[int]:
    """The lines with a float literal, or a conversion to float."""
    for node in ast.walk(tree(path)):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if literal or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"):
            assert isinstance(node, ast.expr)
            yield node.lineno


@pytest.mark.parametrize("path", SQL, ids=lambda path: str(path.relative_to(SRC / "sql")))
def test_sql_is_exact_and_portable(path: Path) -> None:
    """No `/` on money, no floats, no clock, and nothing that another engine would read in another way (DESIGN §3)."""
    text = without_words(path)
    assert not re.search(r"(?<!/)/(?!/)", text), "a single / divides into floats"
    banned = r"\b(DOUBLE|FLOAT|REAL|now\(|today\(|current_\w+|ASOF|PIVOT|generate_series|range\(|to_months|epoch_us"
    banned += r"|round_even|quantile_cont|AT TIME ZONE|random\(|EXCEPT ALL)|\*\s*REPLACE|\[[^\]]* for "
    assert not re.search(banned, text, re.IGNORECASE)
    assert "date_diff('month'" not in path.read_text("utf-8")


@pytest.mark.parametrize("path", SQL, ids=lambda path: str(path.relative_to(SRC / "sql")))
def test_sql_opens_with_its_duty(path: Path) -> None:
    first, *rest = path.read_text("utf-8").splitlines()
    assert re.match(r"-- [A-Z$`].{15}", first)
    assert len(rest) < 120
    if path in MODELS:
        header = " ".join(line for line in [first, *rest[:6]] if line.startswith("--"))
        assert "Grain:" in header, "the header of a model names its grain"
        assert re.search(r"Inputs?:", header), "the header of a model names its inputs"


def test_every_model_is_run() -> None:
    """A model that nothing runs is dead; one without a file fails only when it is reached."""
    code = "".join(path.read_text("utf-8") for path in MODULES)
    for path in SQL:
        assert re.search(rf"\b{path.stem}\b", code), f"nothing runs {path.name}"


# ----- the repository


def tracked() -> list[Path]:
    """The text files of the repository, also those not yet added, without recordings."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=False)
    if told.returncode:
        pytest.skip("no git repository here")
    return [ROOT / name for name in told.stdout.splitlines() if not name.endswith(".gz") and (ROOT / name).is_file()]


def test_lock_files_name_no_host() -> None:
    """Where packages come from is the affair of who installs them."""
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        assert "index-url" not in text
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text("utf-8").splitlines()
        pins = [number for number, line in enumerate(lines) if re.match(r"[a-z]", line)]
        assert len(pins) > 10
        for number, following in pairwise([*pins, len(lines)]):
            assert "==" in lines[number]
            assert "--hash=sha256:" in "".join(lines[number:following]), f"{name}: {lines[number]} has no hash"


def test_nothing_names_a_machine() -> None:
    """A path that exists on one machine only is a mistake everywhere else."""
    machine = re.compile(r"(?<![\w.:/])/(home|root|Users|work|mnt|opt)/\w")
    found = [(path, number) for path in tracked() for number, line in lines_of(path) if machine.search(line)]
    assert not places(iter(found))


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """The numbered lines of a text file."""
    return enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1)
