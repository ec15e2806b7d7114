"""Reads HTTP recordings and prints one digest line per interaction.

This is the second opinion on the importer: it shares no code with it, and its output, kept in Fixtures, says
which interactions and which body bytes a folder of recordings holds.

    python3 recording_digests.py ROOT [PART ...] > digests.tsv

ROOT is a folder of recordings; with PARTs only those files or folders inside ROOT are read. The output is a
comment line, a line of column names and the interactions, sorted by kind, path and index; paths are relative to
ROOT. In a URL, tab and line ends are written \\t, \\n, \\r. Totals, items that are not HTTP, and files that cannot
be read go to standard error.
Exit code: 0 all read, 2 wrong usage, 3 some files could not be read (the others are printed all the same).

Needs Python 3.9 or later and PyYAML. How the formats are read:

- The kind comes from the content, never from the path: vcr-ruby, vcr-ruby-json, vcrpy, go-vcr, har or polly. An
  empty YAML file is a Ruby cassette without interactions, a cassette with an empty `interactions` a Python one.
  Files other than .yml, .yaml, .json, .har and .harp are passed over.
- A body is the bytes that the file holds, with only the container's encoding undone (YAML scalars, base64,
  Polly's hex); Content-Encoding stays applied, templates and placeholders stay unfilled. No body is the empty body.
- Base64 is decoded as Ruby's unpack("m") does: characters outside the alphabet are skipped, a `=` in the third or
  fourth place of a quantum ends the text, and an unfinished quantum gives the bytes that it completes.
- HAR: postData.text is the request body even when empty; without it, params are joined as name=value with `&`.
- `parsed_body`, and any body or parameter that is a tree, becomes compact JSON; see `json_text`.
- A header name with a list of values counts once per value.
- A lone UTF-16 surrogate in a text becomes U+FFFD.
"""

import hashlib
import json
import os
import re
import string
import sys
from collections import Counter
from typing import NamedTuple

import yaml

YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
COLUMNS = (
    "kind", "path", "index", "method", "url", "status", "requestHeaders", "responseHeaders",
    "requestBodySHA256", "requestBodyByteCount", "responseBodySHA256", "responseBodyByteCount",
)
COMMENT = (
    "# One line per HTTP interaction of a folder of recordings: what the importer must find, byte for byte. "
    "Made by `python3 Tests/Python/recording_digests.py {arguments}`, which documents the columns' rules."
)


class Unreadable(Exception):
    """A file that is no recording of a known kind, with the reason."""


class Interaction(NamedTuple):
    """One request with its response; headers are lists of (name, value), bodies are bytes."""

    method: str
    url: str
    status: str
    request_headers: list
    response_headers: list
    request_body: bytes
    response_body: bytes


class Recording(NamedTuple):
    """What one file holds; `other` counts the items that are not HTTP by protocol."""

    kind: str
    interactions: list
    other: Counter


# Texts and bytes


def utf8(text):
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode("utf-8")


def lenient_base64(text):
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    decoded = bytearray()
    quantum = []
    for character in text:
        if character == "=" and len(quantum) >= 2:
            break
        if character not in alphabet:
            continue
        quantum.append(alphabet.index(character))
        if len(quantum) == 4:
            decoded += (quantum[0] << 18 | quantum[1] << 12 | quantum[2] << 6 | quantum[3]).to_bytes(3, "big")
            quantum = []
    if len(quantum) >= 2:
        bits = sum(sextet << (18 - 6 * place) for place, sextet in enumerate(quantum))
        decoded += bits.to_bytes(3, "big")[: len(quantum) - 1]
    return bytes(decoded)


# YAML: the composed node graph keeps tags, key order and the spelling of numbers, which loading would lose.


def is_null(node):
    return node is None or node.tag == "tag:yaml.org,2002:null"


def members(node):
    """The members of a mapping, by name; a Ruby symbol `:name` and the text `name` are the same name."""
    if is_null(node):
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise Unreadable(f"{place(node)}: a mapping was expected")
    return {without_colon(key): value for key, value in node.value}


def elements(node):
    if is_null(node):
        return []
    if not isinstance(node, yaml.SequenceNode):
        raise Unreadable(f"{place(node)}: a list was expected")
    return node.value


def place(node):
    return f"line {node.start_mark.line + 1}, column {node.start_mark.column + 1}"


def without_colon(node):
    """The text of a scalar, where Ruby's symbol `:get` is written `get`."""
    text = yaml_text(node)
    is_symbol = node is not None and not node.style and re.fullmatch(r":\w+", text)
    return text[1:] if is_symbol else text


def yaml_bytes(node):
    if is_null(node):
        return b""
    if not isinstance(node, yaml.ScalarNode):
        raise Unreadable(f"{place(node)}: a scalar was expected")
    if node.tag in ("tag:yaml.org,2002:binary", "!binary"):
        return lenient_base64(node.value)
    return utf8(node.value)


def yaml_text(node):
    return yaml_bytes(node).decode("utf-8", "replace")


def yaml_headers(node):
    # vcrpy under Tornado keeps headers as a list of pairs.
    is_list = isinstance(node, yaml.SequenceNode)
    pairs = []
    for name, value in [] if is_null(node) else [pair.value for pair in node.value] if is_list else node.value:
        values = value.value if isinstance(value, yaml.SequenceNode) else [value]
        pairs += [(yaml_text(name), yaml_text(single)) for single in values]
    return pairs


def json_text(node):
    """Compact JSON of a YAML tree: keys in file order, no blanks, no needless escapes.

    Plain scalars: empty, ~, null, Null, NULL are null; true and false, also True and TRUE, are booleans; numbers
    that both JSON and PyYAML take for numbers keep their spelling. Everything else is a string as spelled: yes, no,
    on, off, timestamps, .inf, .nan, 0x1f, 1_000, 012, +1, and also 1e5 and 1.5e3, which PyYAML writes plain for
    strings.
    """
    if isinstance(node, yaml.MappingNode):
        pairs = (json_string(yaml_text(key)) + ":" + json_text(value) for key, value in node.value)
        return "{" + ",".join(pairs) + "}"
    if isinstance(node, yaml.SequenceNode):
        return "[" + ",".join(json_text(element) for element in node.value) + "]"
    if node.tag == "tag:yaml.org,2002:null":
        return "null"
    if node.tag == "tag:yaml.org,2002:bool" and node.value.lower() in ("true", "false"):
        return node.value.lower()
    is_number = node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
    if is_number and re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+([eE][-+][0-9]+)?)?", node.value):
        return node.value
    return json_string(node.value)


def json_string(text):
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
    return '"' + re.sub(r'["\\\x00-\x1f]', lambda m: short.get(m[0]) or f"\\u{ord(m[0]):04x}", text) + '"'


# Cassettes: VCR in its three languages


def read_yaml(data):
    try:
        top = yaml.compose(data, Loader=YAML_LOADER)
    except yaml.YAMLError as error:
        raise Unreadable("invalid YAML: " + " ".join(str(error).split())) from None
    if is_null(top):
        return Recording("vcr-ruby", [], Counter())
    if isinstance(top, yaml.SequenceNode):
        kind, items = "vcr-ruby", top.value
    elif "http_interactions" in members(top):
        kind, items = "vcr-ruby", elements(members(top)["http_interactions"])
    elif "interactions" in members(top):
        kind, items = None, elements(members(top)["interactions"])
    else:
        raise Unreadable("no list of interactions")
    recording = Recording(kind or python_or_go(items), [], Counter())
    for item in items:
        fields = members(item)
        if "request_sample" in fields or "request_stream" in fields:
            recording.other["gRPC"] += 1
        elif "kind" in fields:
            recording.other["websocket"] += 1
        elif "response" in fields and ("request" in fields or "method" in fields):
            recording.interactions.append(cassette_interaction(fields))
        else:
            raise Unreadable(f"{place(item)}: no request with a response")
    return recording


def python_or_go(items):
    """Go's requests have a `url`, Python's a `uri`; only Python's cassettes hold other things than requests."""
    for item in items:
        if "url" in members(members(item).get("request")):
            return "go-vcr"
    return "vcrpy"


def cassette_interaction(fields):
    # VCR 0.3 has method and uri beside a dumped Net::HTTP response, with its own names for status and headers.
    request = members(fields["request"]) if "request" in fields else fields
    request_headers = request.get("headers")
    response = members(fields["response"])
    status = response.get("status", response.get("status_code"))
    if isinstance(status, yaml.MappingNode):
        status = members(status).get("code", members(status).get("status_code"))
    return Interaction(
        method=without_colon(request.get("method")),
        url=yaml_text(request.get("uri", request.get("url"))),
        status=yaml_text(response.get("code", status)),
        request_headers=yaml_headers(request_headers),
        response_headers=yaml_headers(response.get("headers", response.get("header"))),
        request_body=cassette_body(request),
        response_body=cassette_body(response),
    )


def cassette_body(message):
    body = message.get("body")
    if is_null(body) and "parsed_body" in message:
        return utf8(json_text(message["parsed_body"]))
    if body is None and "content" in message:
        return yaml_bytes(message["content"])
    if isinstance(body, yaml.MappingNode):
        parts = members(body)
        if "base64_string" in parts:
            return lenient_base64(yaml_text(parts["base64_string"]))
        if "string" in parts:
            return yaml_bytes(parts["string"])
        if "raw_gzip" in parts:
            raise Unreadable(f"{place(body)}: a body that R's vcr compressed")
        return b"" if "encoding" in parts else utf8(json_text(body))
    return yaml_bytes(body)


def read_json_cassette(kind, items):
    """Ruby's cassettes in JSON, which betamax writes as well, and Python's."""
    interactions = []
    for item in items:
        request, response = item["request"], item["response"]
        interactions.append(
            Interaction(
                method=request["method"],
                url=request["uri"],
                status=str(response["status_code"] if "status_code" in response else response["status"]["code"]),
                request_headers=json_headers(request),
                response_headers=json_headers(response),
                request_body=json_body(request),
                response_body=json_body(response),
            )
        )
    return Recording(kind, interactions, Counter())


def json_headers(message):
    return [(name, value) for name, values in (message.get("headers") or {}).items() for value in listed(values)]


def json_body(message):
    body = message.get("body") or message.get("content") or ""
    if isinstance(body, str):
        return utf8(body)
    if "base64_string" in body:
        return lenient_base64(body["base64_string"])
    return utf8(body.get("string") or "")


def listed(value):
    return value if isinstance(value, list) else [value]


# HAR, and Polly's dialect of it


def read_json(data):
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 at byte {error.start}") from None
    wrapped = re.fullmatch(r"[\w.$]+\s*\(\s*(\{.*\})\s*\)\s*;?", text, re.DOTALL)  # JSONP: callback({...});
    try:
        top = json.loads(wrapped[1] if wrapped else text)
    except ValueError as error:
        raise Unreadable(f"invalid JSON: {error}") from None
    if not isinstance(top, dict):
        raise Unreadable("no JSON object")
    if "http_interactions" in top:
        return read_json_cassette("vcr-ruby-json", top["http_interactions"])
    if isinstance(top.get("interactions"), list):
        return read_json_cassette("vcrpy", top["interactions"])
    if not isinstance(top.get("log"), dict):
        raise Unreadable("neither a HAR log nor a list of interactions")
    return read_har(top["log"])


def read_har(log):
    if not isinstance(log.get("entries"), list):
        raise Unreadable("the HAR log has no entries")
    is_polly = "_recordingName" in log or (log.get("creator") or {}).get("name") == "Polly.JS"
    interactions = []
    for entry in log["entries"]:
        request, response = entry["request"], entry.get("response") or {}
        response_headers = har_headers(response)
        interactions.append(
            Interaction(
                method=request["method"],
                url=request["url"],
                status=str(response.get("status", "")),
                request_headers=har_headers(request),
                response_headers=response_headers,
                request_body=har_request_body(request.get("postData") or {}),
                response_body=har_response_body(response.get("content") or {}, response_headers, is_polly),
            )
        )
    return Recording("polly" if is_polly else "har", interactions, Counter())


def har_headers(message):
    # Polly 1.x keeps several values of one name in a list.
    return [(pair["name"], value) for pair in message.get("headers") or [] for value in listed(pair.get("value"))]


def har_request_body(post_data):
    if isinstance(post_data.get("text"), str):
        return utf8(post_data["text"])
    refuse_attachment(post_data)
    parameters = post_data.get("params") or []
    return utf8("&".join(parameter["name"] + "=" + json_or_text(parameter.get("value")) for parameter in parameters))


def refuse_attachment(body):
    if body.get("_file") and body.get("text") is None:
        raise Unreadable("Playwright kept a body in a file of its own")


def json_or_text(value):
    """A text itself, the empty text for null, compact JSON of anything else."""
    if isinstance(value, str) or value is None:
        return value or ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def har_response_body(content, headers, is_polly):
    refuse_attachment(content)
    text = content.get("text") or ""
    if content.get("encoding") == "base64":
        return lenient_base64(text)
    hexadecimal = polly_binary(text, content, headers) if is_polly else None
    return utf8(text) if hexadecimal is None else hexadecimal


def polly_binary(text, content, headers):
    """The bytes behind a text in which Polly before 6 kept what is no text, or None for a text that is one.

    A body with a Content-Encoding is a JSON list of hex (or, if marked, base64) chunks, marked `_isBinary` since 2.1;
    any other binary body is one hex string without a mark, told by its media type.
    """
    is_marked = content.get("_isBinary") is True
    is_encoded = any(name.lower() == "content-encoding" for name, _ in headers)
    if text.startswith('["') and (is_marked or is_encoded):
        try:
            chunks = json.loads(text)
        except ValueError:
            return None
        if all(isinstance(chunk, str) and is_hex(chunk) for chunk in chunks):
            return b"".join(map(bytes.fromhex, chunks))
        if is_marked and all(isinstance(chunk, str) for chunk in chunks):
            return b"".join(map(lenient_base64, chunks))
        return None
    media_type = content.get("mimeType") or ""
    is_binary = is_marked or re.match(r"(image|audio|video|font)/|application/(octet-stream|zip|pdf)", media_type)
    return bytes.fromhex(text) if is_binary and is_hex(text) else None


def is_hex(text):
    return len(text) % 2 == 0 and re.fullmatch("[0-9a-f]*", text) is not None


# Files and output


def read_file(path):
    with open(path, "rb") as file:
        data = file.read()
    return read_yaml(data) if path.endswith((".yml", ".yaml")) else read_json(data)


def recordings_below(start):
    if os.path.isfile(start):
        yield start
    for folder, subfolders, names in os.walk(start):
        subfolders.sort()
        for name in sorted(names):
            if name.endswith((".yml", ".yaml", ".json", ".har", ".harp")):
                yield os.path.join(folder, name)


def row(kind, path, index, interaction):
    fields = [kind, path, str(index), interaction.method, interaction.url, interaction.status]
    fields += [str(len(interaction.request_headers)), str(len(interaction.response_headers))]
    for body in (interaction.request_body, interaction.response_body):
        fields += [hashlib.sha256(body).hexdigest(), str(len(body))]
    return "\t".join(re.sub(r"[\t\n\r]", lambda m: {"\t": "\\t", "\n": "\\n", "\r": "\\r"}[m[0]], f) for f in fields)


def main(arguments):
    if not arguments or not os.path.isdir(arguments[0]):
        print("usage: recording_digests.py ROOT [PART ...]", file=sys.stderr)
        return 2
    root, parts = arguments[0], arguments[1:]
    rows, files, failures = [], Counter(), []
    interactions, others = Counter(), Counter()
    for start in [os.path.join(root, part) for part in parts] or [root]:
        for path in recordings_below(start):
            relative = os.path.relpath(path, root)
            try:
                recording = read_file(path)
            except Unreadable as error:
                failures.append(f"{relative}: {error}")
                continue
            except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
                failures.append(f"{relative}: not the shape of a recording ({type(error).__name__}: {error})")
                continue
            files[recording.kind] += 1
            interactions[recording.kind] += len(recording.interactions)
            others.update({(recording.kind, protocol): count for protocol, count in recording.other.items()})
            for index, interaction in enumerate(recording.interactions):
                rows.append((recording.kind, relative, index, interaction))
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    print(COMMENT.format(arguments=" ".join(["FOLDER", *parts])))
    print("\t".join(COLUMNS))
    for entry in sorted(rows, key=lambda entry: entry[:3]):
        print(row(*entry))
    for kind in sorted(files):
        print(f"{kind}: {files[kind]} files, {interactions[kind]} interactions", file=sys.stderr)
    for (kind, protocol), count in sorted(others.items()):
        print(f"{kind}: {count} items that are {protocol}, not HTTP, passed over", file=sys.stderr)
    for failure in failures:
        print(f"cannot read {failure}", file=sys.stderr)
    return 3 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
