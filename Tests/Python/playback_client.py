"""Replays a recorded conversation against a playback server and compares every answer with the recording.

It stands for any client outside this package: Python's own urllib, no redirect followed, nothing decoded.

    fluxrun cat ID --json --store DIR > conversation.jsonl
    fluxrun playback ID --store DIR --listen 127.0.0.1:8080
    python3 playback_client.py http://127.0.0.1:8080 conversation.jsonl

Requests go in recorded order, with their recorded body and Content-Type, to BASE/https/HOST/PATH or
BASE/http/HOST/PATH. With --proxy, those to http:// URLs go in absolute form instead, through the server as a
forward proxy.
Status and raw body of each answer must be those recorded; answers to HEAD and answers 204 and 304 have no body.
Passed over, noted and counted: requests whose URL is none (a placeholder, a path alone) and requests that never
got an answer (status 0).

Prints one line per exchange and a summary.
Exit code: 0 all the same, 1 something differs, 2 nothing was replayed.
"""

import argparse
import base64
import http.client
import json
import os
import re
import sys
import urllib.request
from collections import Counter
from urllib.parse import urlsplit

URL_CHARACTERS = r"[\w.~!$&'()*+,;=:@%\[\]-]"
URL = re.compile(
    rf"https?://{URL_CHARACTERS}+([/?]({URL_CHARACTERS}|[/?])*)?(#.*)?", re.ASCII | re.IGNORECASE
)
TIMEOUT_SECONDS = 30


class AnswersAsTheyAre(urllib.request.HTTPErrorProcessor):
    """Hands out every answer: no redirect is followed, and no status is an error."""

    def http_response(self, request, response):
        return response


def body_bytes(body):
    if body is None:
        return b""
    return body["text"].encode("utf-8") if "text" in body else base64.b64decode(body["base64"], validate=True)


def is_url(text):
    try:
        return URL.fullmatch(text) is not None and bool(urlsplit(text).netloc)
    except ValueError:  # Brackets that are no IPv6 address.
        return False


def reason_to_skip(request, response):
    if not is_url(request["url"]):
        return "its URL is none"
    if not request["method"]:
        return "it has no method"
    if response is None or not 200 <= response["status"] <= 599:
        return "it was never answered"
    return None


def request_to(base, recorded, through_proxy):
    """The recorded request, addressed to the playback server."""
    parts = urlsplit(recorded["url"])
    path = parts.path or "/"
    query = "?" + parts.query if "?" in recorded["url"].split("#")[0] else ""
    scheme = parts.scheme.lower()
    is_absolute = through_proxy and scheme == "http"
    prefix = "http:/" if is_absolute else f"{base.geturl().rstrip('/')}/{scheme}"
    method = recorded["method"].upper()
    body = body_bytes(recorded["body"])
    request = urllib.request.Request(
        f"{prefix}/{parts.netloc}{path}{query}",
        data=body if body or method in ("POST", "PUT", "PATCH") else None,
        headers={name: value for name, value in recorded["headers"] if name.lower() == "content-type"},
        method=method,
    )
    if is_absolute:
        request.set_proxy(base.netloc, "http")
    return request


def exchange(opener, request):
    """Sends one request and returns status and raw body of the answer."""
    with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
        return answer.status, answer.read()


def differences(request, recorded, status, body):
    has_no_body = request["method"].upper() == "HEAD" or recorded["status"] in (204, 304)
    expected = b"" if has_no_body else body_bytes(recorded["body"])
    found = []
    if status != recorded["status"]:
        found.append(f"status {status}, recorded {recorded['status']}")
    if body != expected:
        same = len(os.path.commonprefix([body, expected]))
        found.append(f"body of {len(body)} bytes, recorded {len(expected)}, different from byte {same}")
    return found


def replay(opener, base, events, through_proxy):
    """Yields for each event an outcome (same, different, skipped) and a line that tells it."""
    for event in events:
        request, recorded = event["request"], event.get("response")
        title = f"{event['index']:>4} {request['method'].upper()} {request['url'][:100]}"
        reason = reason_to_skip(request, recorded)
        if reason:
            yield "skipped", f"{title}: skipped, {reason}"
            continue
        try:
            status, body = exchange(opener, request_to(base, request, through_proxy))
        except (OSError, http.client.HTTPException) as error:
            yield "different", f"{title}: DIFFERENT, no answer ({type(error).__name__}: {error})"
            continue
        found = differences(request, recorded, status, body)
        if found:
            yield "different", f"{title}: DIFFERENT, {'; '.join(found)}"
        else:
            yield "same", f"{title}: same, {status}, {len(body)} bytes"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("base_url", help="address of the playback server, such as http://127.0.0.1:8080")
    parser.add_argument("conversation", help="JSON lines as printed by `fluxrun cat ID --json`")
    parser.add_argument("--proxy", action="store_true", help="send requests to http:// URLs in absolute form")
    options = parser.parse_args()
    base = urlsplit(options.base_url)
    with open(options.conversation, encoding="utf-8") as lines:
        events = [event for event in map(json.loads, filter(str.strip, lines)) if event.get("request")]
    # The environment's proxies are for other addresses.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), AnswersAsTheyAre)
    outcomes = Counter()
    for outcome, line in replay(opener, base, events, options.proxy):
        outcomes[outcome] += 1
        print(line)
    print(f"{outcomes['same']} same, {outcomes['different']} different, {outcomes['skipped']} skipped")
    if outcomes["different"]:
        return 1
    return 0 if outcomes["same"] else 2


if __name__ == "__main__":
    sys.exit(main())
