"""Commands that tell their usage in the shell's own notation, and end their help with lines to type."""

from collections.abc import Iterator, Sequence
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperGroup


class Command(TyperCommand):
    """A command whose `epilog` holds its examples, one a line."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """`[OPTIONS] DIR`, `[OPTIONS] [FILE]...`."""
        return ["[OPTIONS]", *(_usage(param) for param in self.get_params(ctx) if isinstance(param, TyperArgument))]

    def arguments(self, ctx: Any) -> Iterator[tuple[str, str]]:
        """Every argument with its help."""
        for param in self.get_params(ctx):
            if isinstance(param, TyperArgument):
                yield _usage(param), param.help or ""

    def options(self, ctx: Any) -> Iterator[tuple[str, str]]:
        """Every option with its help."""
        for param in self.get_params(ctx):
            if not isinstance(param, TyperArgument):
                record = param.get_help_record(ctx)
                if record is not None:
                    yield record

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, then the options."""
        for title, records in (("Arguments", list(self.arguments(ctx))), ("Options", list(self.options(ctx)))):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples as they are to be typed."""
        _write_examples(self.epilog, formatter)


class CommandGroup(TyperGroup):
    """A group of commands whose `epilog` holds examples, one a line."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples as they are to be typed."""
        _write_examples(self.epilog, formatter)


def _usage(param: TyperArgument) -> str:
    name = param.display_name_raw if param.required else f"[{param.display_name_raw}]"
    return name if param.nargs == 1 else f"{name}..."


def _write_examples(epilog: str | None, formatter: Any) -> None:
    lines: Sequence[str] = (epilog or "").splitlines()
    if lines:
        with formatter.section("Examples"):
            formatter.write("".join(f"{'':>{formatter.current_indent}}{line}\n" for line in lines))
