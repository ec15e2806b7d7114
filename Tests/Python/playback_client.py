"""Replays a recorded conversation against a playback server and compares every answer with the recording.

It stands for any client outside this package: Python's own http.client, no redirect followed, nothing decoded.

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
from collections import Counter
from urllib.parse import urlsplit

URL_CHARACTERS = r"[\w.~!$&'()*+,;=:@%\[\]-]"
URL = re.compile(
    rf"https?://{URL_CHARACTERS}+([/?]({URL_CHARACTERS}|[/?])*)?(#.*)?", re.ASCII | re.IGNORECASE
)
TIMEOUT_SECONDS = 30


def body_bytes(body):
    if body is None:
        return b""
    return body["text"].encode("utf-8") if "text" in body else base64.b64decode(body["base64"], validate=True)


def reason_to_skip(request, response):
    if not URL.fullmatch(request["url"]):
        return "its URL is none"
    if not request["method"]:
        return "it has no method"
    if response is None or not 200 <= response["status"] <= 599:
        return "it was never answered"
    return None


def request_target(base, url, through_proxy):
    parts = urlsplit(url)
    path = parts.path or "/"
    query = "?" + parts.query if "?" in url.split("#")[0] else ""
    scheme = parts.scheme.lower()
    if through_proxy and scheme == "http":
        return f"http://{parts.netloc}{path}{query}"
    return f"{base.path.rstrip('/')}/{scheme}/{parts.netloc}{path}{query}"


def exchange(connection, target, request):
    """Sends one request and returns status and raw body of the answer."""
    connection.putrequest(request["method"].upper(), target, skip_accept_encoding=True)
    for name, value in request["headers"]:
        if name.lower() == "content-type":
            connection.putheader(name, value)
    body = body_bytes(request["body"])
    if body or request["method"].upper() in ("POST", "PUT", "PATCH"):
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    answer = connection.getresponse()
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


def replay(connection, base, events, through_proxy):
    """Yields for each event an outcome (same, different, skipped) and a line that tells it."""
    for event in events:
        request, recorded = event["request"], event.get("response")
        title = f"{event['index']:>4} {request['method'].upper()} {request['url'][:100]}"
        reason = reason_to_skip(request, recorded)
        if reason:
            yield "skipped", f"{title}: skipped, {reason}"
            continue
        try:
            status, body = exchange(connection, request_target(base, request["url"], through_proxy), request)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
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
    connection = http.client.HTTPConnection(base.hostname, base.port, timeout=TIMEOUT_SECONDS)
    outcomes = Counter()
    for outcome, line in replay(connection, base, events, options.proxy):
        outcomes[outcome] += 1
        print(line)
    print(f"{outcomes['same']} same, {outcomes['different']} different, {outcomes['skipped']} skipped")
    if outcomes["different"]:
        return 1
    return 0 if outcomes["same"] else 2


if __name__ == "__main__":
    sys.exit(main())
