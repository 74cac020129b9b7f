"""Reading a YAML file that a person wrote, so that every complaint can name its line.

Only mappings, lists and plain values are taken. Every value stays the text that was typed ("NA", "no" and "0012" are not turned into
something else); who reads a number asks for a number. Tags, aliases and repeated keys are refused, so that a file can neither make
objects nor grow when it is read.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from framing.errors import FramingError

_MAX_BYTES = 1_000_000
_MAX_DEPTH = 20
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{kind}"
    for kind in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge", "map", "seq")
}


@dataclass(frozen=True)
class YamlFile:
    """The content of a YAML file with the line of each field.

    `data` is made of dict, list, str and None (an empty value); `lines` maps the path of a field, such as ("frames", "legal", "label"),
    to its line, counted from 1. `beside` names top-level fields whose value came from somewhere else, such as the command line: no line is
    to blame for them.
    """

    path: Path
    data: dict[str, Any]
    lines: dict[tuple[str | int, ...], int]
    error: type[FramingError]
    beside: frozenset[str] = frozenset()

    def fail(self, field: tuple[str | int, ...], problem: str) -> FramingError:
        """The error to raise about a field: where it is, what is wrong."""
        if field and field[0] in self.beside:
            return self.error(f"{'.'.join(map(str, field))}: {problem}")
        known = field
        while known and known not in self.lines:
            known = known[:-1]
        name = ".".join(str(part) for part in field) or "the file"
        return self.error(f"{self.path}, line {self.lines.get(known, 1)}, {name}: {problem}")


def read_yaml(path: Path, error: type[FramingError]) -> YamlFile:
    """Read `path`, whose top level must be a mapping.

    Raises
    ------
    error
        If the file is missing, too large, not UTF-8, not YAML, or holds a tag, an alias or a repeated key; the message names the line.
    """
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise error(f"{path} cannot be read ({problem.strerror or problem}).") from problem
    if len(raw) > _MAX_BYTES:
        raise error(f"{path} has {len(raw):,} bytes; at most {_MAX_BYTES:,} are read.")
    try:
        text = raw.decode("utf-8-sig")
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            line = event.start_mark.line + 1 if event.start_mark else 1
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:
                raise error(f"{path}, line {line}: nested too deeply; at most {_MAX_DEPTH} levels are read.")
            if isinstance(event, yaml.AliasEvent):
                raise error(f"{path}, line {line}: aliases (*name) are not allowed; write the value out.")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as problem:
        raise error(f"{path} is not UTF-8 text (byte {problem.start}); save it as UTF-8.") from problem
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        what = getattr(problem, "problem", None) or str(problem).partition("\n")[0]
        raise error(f"{path}{where}: not valid YAML ({what}).") from problem
    lines: dict[tuple[str | int, ...], int] = {}
    file = YamlFile(path, {}, lines, error)
    if not isinstance(node, yaml.MappingNode):
        raise file.fail((), "a mapping of fields is expected, such as `name: ...`.")
    file.data.update(_build(node, (), file))
    return file


def _build(node: yaml.Node, field: tuple[str | int, ...], file: YamlFile) -> Any:
    file.lines.setdefault(field, node.start_mark.line + 1)
    if node.tag not in _PLAIN_TAGS:
        raise file.fail(field, f"the tag {node.tag!r} is not allowed; only plain text, lists and mappings are.")
    if isinstance(node, yaml.MappingNode):
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag not in _PLAIN_TAGS:
                raise file.fail(field, "a field's name must be plain text.")
            key = key_node.value
            file.lines[(*field, key)] = key_node.start_mark.line + 1
            if key in built:
                raise file.fail((*field, key), "this field stands twice; remove one.")
            built[key] = _build(value_node, (*field, key), file)
        return built
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*field, i), file) for i, child in enumerate(node.value)]
    return None if node.tag.endswith(":null") else node.value
