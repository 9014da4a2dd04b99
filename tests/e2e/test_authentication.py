# SPDX-License-Identifier: Apache-2.0
"""Who may connect, which way the token comes, and how everybody else is refused: before the upgrade."""

import json
import time
import unittest
import urllib.parse

import websockets
from support import SECRET, Gateway, GatewayTest, encode_part, make_token
from voice_client import connect


class Authentication(GatewayTest):
    # The tokens of these tests are signed with a secret of their own.
    gateway_options = {"dev": False, "upstream": "sim:"}

    def refused(self, status, **options):
        got, headers, body = self.gateway.upgrade(**options)
        self.assertEqual(got, status, body)
        self.assertEqual(headers["Content-Type"], "application/json")
        error = json.loads(body)["error"]
        self.assertTrue(error["code"].isupper() and error["message"], error)
        token = options.get("token")
        if token and len(token) > 20:
            self.assertNotIn(token, body.decode())
        return error

    def test_tokens_that_do_not_hold_are_refused_with_401(self):
        now = int(time.time())
        good = make_token()
        header, claims, signature = good.split(".")
        other_claims = make_token(tenantId="another").split(".")[1]
        tokens = {
            "none": None,
            "empty": " ",
            "no JWT": "hello",
            "two parts": header + "." + claims,
            "four parts": good + ".x",
            "no signature": header + "." + claims + ".",
            "wrong secret": make_token(secret=SECRET + "!"),
            "empty secret": make_token(secret=""),
            "another's claims": ".".join((header, other_claims, signature)),
            "cut signature": good[:-4],
            "changed signature": good[:-6] + ("AAAAAA" if not good.endswith("AAAAAA") else "BBBBBB"),
            "expired": make_token(exp=now - 120),
            "expired long ago": make_token(exp=1),
            "no expiry": make_token(exp=None),
            "expiry is text": make_token(exp=str(now + 3600)),
            "not yet": make_token(nbf=now + 3600),
            "no tenant": make_token(tenantId=None),
            "empty tenant": make_token(tenantId=""),
            "tenant is a number": make_token(tenantId=7),
            "claims are a list": header + "." + encode_part([]) + "." + signature,
            "claims are no JSON": header + "." + encode_part(b"{") + "." + signature,
            "long": make_token(userId="x" * 4000),
        }
        for algorithm in ("none", "None", "NONE", "nOnE", "", "HS384", "RS256", "hs256 ", "HS256\0"):
            tokens[f"alg {algorithm!r}"] = make_token(header={"alg": algorithm, "typ": "JWT"})
            unsigned = encode_part({"alg": algorithm, "typ": "JWT"}) + "." + claims + "."
            tokens[f"alg {algorithm!r} unsigned"] = unsigned
            tokens[f"alg {algorithm!r} with a signature"] = unsigned + signature
        tokens["no alg"] = make_token(header={"typ": "JWT"})
        for name, token in tokens.items():
            if name == "long":
                continue
            with self.subTest(token=name):
                self.assertEqual(self.refused(401, token=token)["code"], "AUTH_FAILED")
        self.assertEqual(self.refused(401)["code"], "AUTH_FAILED")

    def test_a_head_that_no_token_needs_is_refused_unread(self):
        status, _, body = self.gateway.upgrade(token=make_token(userId="x" * 9 * 1024))
        self.assertIn(status, (401, 431))
        self.assertIn("error", json.loads(body))

    def test_a_refusal_says_what_it_wants(self):
        _, headers, _ = self.gateway.upgrade()
        self.assertEqual(headers["WWW-Authenticate"], "Bearer")

    def test_a_token_that_holds_opens_a_session_by_each_of_three_ways(self):
        token = make_token()
        query = "/voice-ws?" + urllib.parse.urlencode({"token": token})
        ways = {
            "header": {"token": token},
            "lower case": {"headers": {"authorization": "bearer " + token}},
            "query": {"path": query},
            "subprotocol": {"headers": {"Sec-WebSocket-Protocol": f"voice.v1, bearer.{token}"}},
            "subprotocol first": {"headers": {"Sec-WebSocket-Protocol": f"bearer.{token}, voice.v1"}},
        }
        for name, options in ways.items():
            with self.subTest(way=name):
                status, headers, body = self.gateway.upgrade(**options)
                self.assertEqual(status, 101, body)
                protocol = headers["Sec-WebSocket-Protocol"]
                self.assertEqual(protocol, "voice.v1" if "subprotocol" in name else None)
                self.assertNotIn(token, str(headers))

    def test_the_first_token_found_is_the_one_that_counts(self):
        good, bad = make_token(), make_token(secret="x" * 40)
        query = "/voice-ws?token="
        self.assertEqual(self.gateway.upgrade(path=query + bad, token=good)[0], 101)
        self.assertEqual(self.gateway.upgrade(path=query + good, token=bad)[0], 401)

    def test_requests_that_are_wrong_in_themselves_are_refused(self):
        token = make_token()
        for query in ("codec=mp3", "codec=pcm16&rate=44100", "codec=pcm16&rate=x", "codec=%zz", "codec=OPUS"):
            with self.subTest(query=query):
                self.refused(400, path="/voice-ws?" + query, token=token)
        for path in ("/", "/voice-ws/", "/voice", "/VOICE-WS", "/voice-ws%2f"):
            with self.subTest(path=path):
                self.refused(404, path=path, token=token)
        self.refused(400, token=token, headers={"Upgrade": None, "Connection": None})
        self.refused(400, token=token, headers={"Sec-WebSocket-Version": "12"})
        self.refused(400, token=token, headers={"Sec-WebSocket-Key": "short"})

    def test_health_is_told_to_everybody(self):
        status, document = self.gateway.health()
        self.assertEqual(status, 200)
        self.assertIn(document["status"], ("healthy", "degraded"))

    async def test_no_session_opens_with_a_wrong_token(self):
        with self.assertRaises(websockets.InvalidStatusCode) as refused:
            async with connect(self.gateway, token=make_token(secret="x" * 40)):
                pass
        self.assertEqual(refused.exception.status_code, 401)

    async def test_tokens_stay_out_of_the_log(self):
        gateway = Gateway("--log-level", "trace", dev=False, upstream="sim:")
        try:
            good, bad = make_token(), make_token(secret="x" * 40)
            async with connect(gateway, token=good) as client:
                await client.until("ready")
            for token in (good, bad):
                gateway.upgrade(path="/voice-ws?token=" + token)
                gateway.upgrade(path="/elsewhere?token=" + token)
                gateway.upgrade(headers={"Sec-WebSocket-Protocol": "bearer." + token})
                gateway.upgrade(token=token, headers={"Upgrade": None})
        finally:
            code, said = gateway.finish()
        self.assertEqual(code, 0, said)
        self.assertTrue(said, "nothing was logged at all")
        for part in good.split(".") + bad.split("."):
            if part != good.split(".")[0]:
                self.assertNotIn(part, said)
        self.assertNotIn(SECRET, said)


if __name__ == "__main__":
    unittest.main()
