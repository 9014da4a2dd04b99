# SPDX-License-Identifier: Apache-2.0
"""Every secret in every place where one may stand, well or ill written: what the test of secrets runs through."""

import dataclasses

# Environment name, section and key in TOML, and what the value looks like around the secret.
SECRETS = (
    ("JWT_SECRET", "auth", "jwt_secret", "{}"),
    ("JWT_SECRET_PREVIOUS", "auth", "jwt_secret_previous", "{}"),
    ("OPENAI_API_KEY", "openai", "api_key", "sk-{}"),
    ("OPENAI_API_KEYS", "openai", "keys", "sk-{}"),
    ("REDIS_URL", "redis", "url", "redis://user:{}@cache.example:6379/0"),
    ("DATABASE_URL", "database", "url", "postgresql://user:{}@db.example/voice"),
    ("DATABASE_REPLICA_URL", "database", "replica_url", "postgresql://user:{}@db.example/voice?sslmode=require"),
)

WORD = "Zq7Kp9Wm4Tb2Vr8Ny6Hc3Jd5Lf1Sg0Xk{:02}eAuDoBiG"
MARKERS = [WORD.format(number) for number in range(len(SECRETS) + 1)]

# <V> stands for the value, <N> for the name, <S> and <K> for section and key in TOML.
ENV_LINES = (
    "<N>=<V>",
    "export <N>='<V>'",
    "<N>=<V> # a comment",
    "<N>=<V>#x",
    '<N>="<V>',
    "<N>='<V>",
    "<N>=`<V>",
    '<N>="<V>" x',
    '<N>="<V>"<V>',
    '<N>="<V>\n<V>\n<V>',
    '<N>="<V>\n<V>" <V>',
    "<N>='<V>\n[<V>]\n",
    "<N> <V>",
    "<N>: <V>",
    "<N> <V>=1",
    "export <N> <V>",
    "<N>=\n<V>",
    "<N>=a\n<V>=b\n=c",
    "<N>=<V>\n<N>=<V>",
    "<N>=<V>\n=<V>",
    "<N>X=<V>",
    "X<N>=<V>",
    "<N>_FILE=<V>",
    "<N>_FIL=<V>",
    "<N>_FILE=<V>\n<N>=<V>",
    "<N>=${<V>}",
    "<N>='<V>'\\",
    "<N>=<V>\udcff",
    "<N>=<V>\0",
    '<N>="<V>\x01"',
    '<N>="<V>\\n"',
    "<N>=tcp://<V>:8080",
    "VOICE_WS_PORT=8080<N>=<V>",
    "VOICE_WS_PORT=8080 <N>=<V>",
    "VOICE_WS_PORT=8080 # <N>=<V>",
    'VOICE_WS_PORT="8080\n<N>=<V>"',
    "VOICE_CORS_ORIGIN=https://a.example, <N>=<V>",
)

TOML_LINES = (
    '[<S>]\n<K> = "<V>"',
    '[<S>]\n<K> = "<V>',
    "[<S>]\n<K> = '<V>",
    "[<S>]\n<K> = <V>",
    '[<S>]\n<K> = "<V>" <V>',
    '[<S>]\n<K> = "<V>"<V>',
    '[<S>]\n<K>: "<V>"',
    '[<S>]\n<K> "<V>"',
    '[<S>]\n<K> = "<V>\\q"',
    '[<S>]\n<K> = "<V>\\n"',
    '[<S>]\n<K> = "<V>\x01"',
    '[<S>]\n<K> = "<V>\udcff"',
    '[<S>]\n<K> =\n"<V>"',
    '[<S>]\n<K> = ["<V>"]',
    '[<S>]\n<K> = [<V>]',
    '[<S>]\n<K> = [\n"<V>"\n"<V>"\n]',
    "[<S>]\n<K> = [\n[<V>]\n]",
    "[<S>]\n<K> = [\n[<V>],\n[<V>]\n]",
    '[<S>]\n<K> = [["<V>"]]',
    '[<S>]\n<K> = { value = "<V>" }',
    '[<S>]\n<K> = { value = "<V>"',
    '[<S>]\n<K> = """\n<V>\n"""',
    '[<S>]\n<K> = """\n<V>\n""" <V>',
    '[<S>]\n<K> = """\n<V>\n',
    '[<S>]\n<K> = """\n[<V>]\n',
    "[<S>]\n<K> = '''\n[<V>\n",
    "[<S>]\n<K> = '''\nws_port = <V>\n",
    '[<S>]\n<K> = "<V>"\n<K> = "<V>"',
    '[<S>]\n<K> = "<V>"\n[<S>]\n<K> = "<V>"',
    '[<S>]\n<K>x = "<V>"',
    '[<S>]\nx<K> = "<V>"',
    '[<S>]\n"<K> " = "<V>"',
    '[<S>]\n<K>.x = "<V>"',
    '[<S>x]\n<K> = "<V>"',
    '[server]\n<K> = "<V>"',
    '[[<S>]]\n<K> = "<V>"',
    '<K> = "<V>"',
    '<S> = { <K> = "<V>" }',
    '<S>.<K> = "<V>"',
    '"<S>.<K>" = "<V>"',
    '<S> = "<V>"',
    '<S> = ["<V>"]',
    "<V>",
    '"<V>"',
    '[<S>]\n<K> = "<V>" port = 1',
    '[server]\nws_port = 80 <K> = "<V>"',
    '[server]\nws_port = 80 # <K> = "<V>"',
    '[server]\nws_port = "80\n[<S>]\n<K> = "<V>"',
    '<S> = { <K> = "<V>", x = 5 }',
    '<S> = { x = 5, <K> = "<V>" }',
    '<S> = { <K>x = "<V>", x = 5 }',
    'auth = { jwt_secrt = "<V>", jwt_issuer = 5 }',
    'auth = { jwt_issuer = 5, jwt_secret = "<V>" }',
    'auth = { jwt_secret = """\n<V>""", jwt_issuer = 5 }',
    'auth = { jwt_scrt = """\n<V>""", jwt_issuer = 5 }',
    'openai = { keys = ["<V>"], model = 5 }',
    'openai = { kys = ["<V>", "<V>"], model = 5, api_key = 5 }',
    '[[openai.keys]]\nkey = "<V>"\nweight = "x"',
    '[[openai.keys]]\nkey = <V>',
    '[[openai.keys]]\nkye = "<V>"',
    '[[openai.keys]]\nkey = ["<V>"]',
    '[[openai.kys]]\nkey = "<V>"',
    '[openai]\nkeys = [{ key = "<V>", weight = 0 }, { kye = "<V>" }]',
    '[openai]\nkeys = "<V>"',
    '[openai]\nkeys = ["sk-a", "<V>", 5]',
    '[openai.keys]\nkey = "<V>"',
    '[openai]\nkeys = [{ key = "<V>" project = 1 }]',
)

# Of variables of the process itself.
VARIABLES = (
    {"<N>": "<V>"},
    {"<N>": "<V> # a comment"},
    {"<N>": '"<V>"'},
    {"<N>": "<V>\n"},
    {"<N>": "tcp://<V>:8080"},
    {"<N>": "<V>", "<N>_FILE": "<V>"},
    {"<N>_FILE": "<V>"},
    {"<N>_FILE": "secret-file"},
    {"<N>_FILE": "secret-file", "<N>": "<V>"},
    {"<N>_FILE": "broken-file"},
    {"<N>X": "<V>"},
    {"VOICE_WS_PORT": "8080\n<N>=<V>"},
    {"VOICE_FRAME_MS": "20<N>=<V>"},
)

# A password in an address, where M stands.
ADDRESSES = (
    "redis://user:M@cache.example:6379/0",
    "redis://:M@cache.example",
    "redis:user:M@cache.example",
    "redis://user:M@cache.example:99999",
    "redis://user:M@@cache.example",
    "redis://user:M/M@cache.example",
    "redis://user:M#M@cache.example",
    "redis://user:M@",
    "redis://user:M@[::1",
    "redis://user:M@cache example",
    "redis://user:M@cache.example/?password=M",
    "rediss://cache.example/?x=1&auth_token=M",
    "user:M@cache.example",
    "://user:M@cache.example",
    "http://user:M@cache.example",
    "postgresql://user:M@db.example/voice?password=M&sslpassword=M",
    "postgres://user:M@db.example:port/voice",
    "sqlite:voice.db?key=M",
    "memory:M",
    "https://user:M@speech.example/v1",
    "ws://user:M@speech.example/v1",
    "ws://speech.example/v1?api-key=M",
    "wss://speech.example/v1?token=M",
    "https://" + "a" * 80 + ":M@speech.example",
)
ADDRESS_NAMES = (
    ("REDIS_URL", '[redis]\nurl = "V"'),
    ("DATABASE_URL", '[database]\nurl = "V"'),
    ("VOICE_UPSTREAM_URL", '[openai]\nurl = "V"'),
    ("VOICE_CORS_ORIGIN", '[server]\ncors_origins = ["V"]'),
    ("VOICE_WS_PORT", '[server]\nws_port = "V"'),
)


@dataclasses.dataclass
class Form:
    label: str
    environment: dict = dataclasses.field(default_factory=dict)
    env_file: str = ""
    toml: str = ""
    secret_file: str = ""


def filled(text, name, section, key, value):
    for mark, meant in (("<N>", name), ("<S>", section), ("<K>", key), ("<V>", value)):
        text = text.replace(mark, meant)
    return text


def forms():
    for marker, (name, section, key, shape) in zip(MARKERS, SECRETS):
        parts = (name, section, key, shape.format(marker))
        for line in ENV_LINES:
            yield Form(f".env: {name}: {line!r}", env_file=filled(line, *parts))
        for line in TOML_LINES:
            yield Form(f"TOML: {name}: {line!r}", toml=filled(line, *parts))
        for variables in VARIABLES:
            environment = {filled(each, *parts): filled(value, *parts) for each, value in variables.items()}
            yield Form(f"environment: {name}: {variables}", environment=environment, secret_file=parts[3])
    for address in ADDRESSES:
        value = address.replace("M", MARKERS[-1])
        for name, lines in ADDRESS_NAMES:
            if address == "memory:M" and name != "REDIS_URL":
                continue
            yield Form(f"environment: {name}={address}", environment={name: value})
            yield Form(f".env: {name}={address}", env_file=f"{name}={value}")
            yield Form(f"TOML: {name}: {address}", toml=lines.replace("V", value))
