"""The HTTP client: one request at a time, under a deadline that nothing outlasts.

In comes a URL with headers; out comes a `Response` or an `UnreachableError`. It imports `npm` for proxies and URLs, and
of the standard library `http.client`, `ssl` and `socket`, those not before the first request that needs them.
urllib3 costs more to import than the whole guard, and does not do these (urllib3 2.8.0):

- Deadline: one over name lookup, connect, proxy tunnel, TLS handshake, redirects, retries and every byte of an answer.
  urllib3 has timeouts for each connect and each read, and none over the lookup: a server that drips bytes never ends.
- Limits: a body is capped, also in what a gzip unpacks to; endless headers, trailers and chunks of negative size end.
  urllib3 reads what is announced unless the caller streams and counts.
- Refusals: of an answer from 300 on, whatever came is kept for its message, also where the body breaks off.
- Credentials follow no redirect, and cross no network in plain text, nor a proxy that could read them.
  urllib3 drops them on the way to another host, and sends them in plain text.
- Redirects never lead from https to http.
- Hosts are those that Node's URL gives, in ASCII; a name whose reading is uncertain is not looked up.
- Proxies and TLS follow npm's settings, with Node's rule for NODE_EXTRA_CA_CERTS.
- The pause that a host asks for with 429 holds for all requests to it, as far as the deadline leaves time.
- Messages are one printable line that never holds a secret.
"""

from safepublish.detect.http.client import LIMIT, USER_AGENT, Client, Request
from safepublish.detect.http.deadline import Clock, Deadline
from safepublish.detect.http.errors import NotSentError, TooLargeError, UnreachableError
from safepublish.detect.http.response import Response, is_header_value, one_line
from safepublish.detect.http.target import at_root, hostname

__all__ = [
    "LIMIT",
    "USER_AGENT",
    "Client",
    "Clock",
    "Deadline",
    "NotSentError",
    "Request",
    "Response",
    "TooLargeError",
    "UnreachableError",
    "at_root",
    "hostname",
    "is_header_value",
    "one_line",
]
