"""How common clients are told of the agent door, and the skill that tells an agent how to use it."""

from __future__ import annotations

import json
import shlex
from importlib.resources import files
from pathlib import Path

from playnote.errors import NotFoundError
from playnote.text import Language, Text

# Client name to where its set-up goes. The three forms: a command, a JSON file (and the key its servers stand under), TOML.
_FILES: dict[str, tuple[str, str]] = {
    "claude-desktop": ("claude_desktop_config.json", "mcpServers"),
    "cursor": (".cursor/mcp.json", "mcpServers"),
    "vscode": (".vscode/mcp.json", "servers"),
    "gemini": (".gemini/settings.json", "mcpServers"),
    "json": ("", "mcpServers"),
}
CLIENTS = ("claude-code", *_FILES, "codex")
_RUN = Text(en="Run this in the project's folder:", zh="在项目目录里运行：")
_ADD = Text(en="Put this into {file} (beside what is there):", zh="写进 {file}（已有内容保留）：")
_ANY = Text(en="For any other client, in its list of MCP servers:", zh="其他客户端：写进它的 MCP 服务器列表：")
_THEN = Text(
    en='Then ask it for the prompt nine_steps, or: "Call Playnote\'s next_step and go on from there."\n'
    "What it proposes waits for you: playnote confirm",
    zh="然后让它用提示 nine_steps，或者说：“调 Playnote 的 next_step，照着往下做。”\n它的提议等你确认：playnote confirm",
)
_HONEST = Text(
    en="An agent that also has a shell can go round this door. The vault counts and detects; it prevents only where the test "
    "labels live elsewhere.",
    zh="能用终端的智能体可以绕过这个入口。测试集保险柜能计数、能发现；只有测试标签放在别处，才真正挡得住。",
)


def known_client(name: str) -> str:
    """The name. Raises NotFoundError where no set-up is known for it."""
    if name not in CLIENTS:
        raise NotFoundError(
            Text(en="No set-up is known for {client!r}.", zh="没有 {client!r} 的设置说明。").fill(client=name),
            fix=Text(en="One of: {names}.", zh="可选：{names}。").fill(names=", ".join(CLIENTS)),
        )
    return name


def setup_text(client: str, project: Path, language: Language) -> str:
    """What to type or paste for one client. Raises NotFoundError for a name that is not in CLIENTS."""
    words = ["playnote", "mcp", "--project", str(project), *(["--lang", "zh"] if language == "zh" else [])]
    if client == "claude-code":
        told = f"{_RUN.pick(language)}\n\n  claude mcp add playnote -- {shlex.join(words)}"
    elif client == "codex":
        told = f"{_ADD.fill(file='~/.codex/config.toml').pick(language)}\n\n{_toml(words)}"
    else:
        file, key = _FILES[known_client(client)]
        head = _ADD.fill(file=file) if file else _ANY
        told = f"{head.pick(language)}\n\n{_json(words, key, client)}"
    return f"{told}\n\n{_THEN.pick(language)}\n\n{_HONEST.pick(language)}"


def skill_text(language: Language) -> str:
    """The skill: a file that an agent reads before it uses the door."""
    name = "SKILL.zh.md" if language == "zh" else "SKILL.md"
    return files("playnote.interfaces.mcp").joinpath(name).read_text(encoding="utf-8")


def _json(words: list[str], key: str, client: str) -> str:
    server: dict[str, object] = {"command": words[0], "args": words[1:]}
    if client == "vscode":
        server = {"type": "stdio", **server}
    return json.dumps({key: {"playnote": server}}, indent=2, ensure_ascii=False)


def _toml(words: list[str]) -> str:
    listed = json.dumps(words[1:], ensure_ascii=False)
    return f"[mcp_servers.playnote]\ncommand = {json.dumps(words[0])}\nargs = {listed}"
