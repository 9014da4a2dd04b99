# SPDX-License-Identifier: Apache-2.0
"""The command line from outside: help, exit codes, and where output goes."""

import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import unittest
import wave

import speech
from support import PATIENCE, VOICECTL, Gateway, clean_environment, make_token, run

COMMANDS = ("serve", "validate-config", "replay-audio")


class CommandLine(unittest.TestCase):
    def check(self, code, *arguments, says=(), **options):
        done = run(*arguments, **options)
        self.assertEqual(done.returncode, code, (arguments, done.stdout, done.stderr))
        if code not in (0, 1):
            self.assertEqual(done.stdout, "", arguments)
            self.assertTrue(done.stderr.startswith("voicectl: "), done.stderr)
        for text in says:
            self.assertIn(text, done.stdout + done.stderr)
        return done

    def test_help_is_for_people_and_goes_to_stdout(self):
        for arguments in (("-h",), ("--help",), ("help",), *((command, "-h") for command in COMMANDS)):
            done = self.check(0, *arguments, says=("Usage: voicectl",))
            self.assertEqual(done.stderr, "", arguments)
            self.assertTrue(all(len(line) <= 120 for line in done.stdout.splitlines()), arguments)
        for command in COMMANDS:
            done = self.check(0, command, "--help", says=("Environment:", "Examples:", "Exit codes:"))
            self.assertEqual(self.check(0, "help", command).stdout, done.stdout)
            self.assertIn(command, self.check(0, "--help").stdout)

    def test_the_first_screen_is_one_screen(self):
        lines = self.check(0, "-h").stdout.splitlines()
        self.assertTrue(15 <= len(lines) <= 50, len(lines))
        for command in COMMANDS:
            self.assertLessEqual(len(self.check(0, command, "-h").stdout.splitlines()), 50, command)

    def test_the_version_is_one_line(self):
        for arguments in (("--version",), ("-V",), ("version",)):
            done = self.check(0, *arguments)
            self.assertRegex(done.stdout, r"\Avoicectl \d+\.\d+\.\d+.*\n\Z")

    def test_no_arguments_show_help_and_are_an_error(self):
        self.check(64, says=("Usage: voicectl", "serve", "replay-audio"))

    def test_what_does_not_exist_is_named_with_the_nearest_that_does(self):
        self.check(64, "sevre", says=("'sevre'", "did you mean", "serve"))
        self.check(64, "replay-adio", "x.wav", says=("replay-audio",))
        self.check(64, "serve", "--upstraem", "sim:", says=("--upstraem", "did you mean", "--upstream"))
        self.check(64, "replay-audio", "x.wav", "--codek=opus", says=("--codek", "--codec"))
        self.check(64, "--verison", says=("--verison", "--version"))

    def test_usage_that_makes_no_sense_is_64(self):
        self.check(64, "replay-audio", says=("FILE",))
        self.check(64, "replay-audio", "a.wav", "b.wav", says=("b.wav",))
        self.check(64, "replay-audio", "a.wav", "--codec", "mp3", says=("--codec", "mp3", "opus"))
        self.check(64, "replay-audio", "a.wav", "--codec", says=("--codec",))
        self.check(64, "serve", "--dev", "--format", "xml", says=("--format", "xml"))
        self.check(64, "serve", "surplus", says=("surplus",))

    def test_what_an_unset_variable_leaves_behind_is_64(self):
        for arguments in (("validate-config", ""), ("validate-config", "-c", ""), ("serve", "--check", "--bind=")):
            self.check(64, *arguments, says=("empty",))

    def test_words_that_make_no_sense_together_are_64(self):
        self.check(64, "validate-config", "-", "-", says=("more than once",))
        self.check(64, "validate-config", "-c", "a.toml", "b.toml", says=("--config",))
        self.check(64, "validate-config", "--print", "--format", "sarif", says=("--print",))

    def test_files_that_are_missing_or_no_sound_have_codes_of_their_own(self):
        self.check(66, "replay-audio", "/no/such/file.wav", says=("/no/such/file.wav",))
        self.check(66, "replay-audio", "/tmp", says=("/tmp",))
        self.check(65, "replay-audio", __file__, says=(__file__, "sound"))

    def test_a_gateway_that_is_not_there_is_69(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
            clip = speech.prompt("hello-world")
            url = f"ws://127.0.0.1:{port}/voice-ws"
            self.check(69, "replay-audio", clip, "--url", url, says=(f"127.0.0.1:{port}",))

    def test_a_token_that_is_refused_is_77(self):
        gateway = Gateway()
        replay = ("replay-audio", speech.prompt("hello-world"), "--url", gateway.url)
        try:
            with tempfile.NamedTemporaryFile("w") as file:
                file.write(make_token(secret="x" * 40))
                file.flush()
                self.check(77, *replay, "--token-file", file.name, says=("401",))
            self.check(77, *replay, says=("401",))
            self.check(66, *replay, "--token-file", "/no/such/token")
        finally:
            code, said = gateway.finish()
        self.assertEqual(code, 0, said)

    def test_a_recording_without_speech_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "silence.wav")
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, 8000, 8000, "NONE", ""))
                file.writeframes(bytes(16000))
            gateway = Gateway()
            try:
                token = ("--token-file", gateway.facts["tokenFile"])
                self.check(1, "replay-audio", path, "--url", gateway.url, *token, says=("no speech",))
            finally:
                gateway.finish()

    def test_json_is_one_document_with_its_schema(self):
        gateway = Gateway()
        try:
            self.assertEqual(gateway.facts["schema"], "voicectl.serve.v1")
            for name in ("url", "health", "upstream", "token", "tokenFile", "clip"):
                self.assertTrue(gateway.facts[name], name)
            token_file, clip = gateway.facts["tokenFile"], gateway.facts["clip"]
            self.assertEqual(os.stat(token_file).st_mode & 0o077, 0, "others can read the token")
            replay = ("replay-audio", clip, "--url", gateway.url, "--token-file", token_file)
            done = self.check(0, *replay, "--format", "json")
            document = json.loads(done.stdout)
            self.assertEqual(document["schema"], "voicectl.replay-audio.v1")
            self.assertIn("agent_final", [event["type"] for event in document["events"]])
            self.assertGreater(document["summary"]["replySeconds"], 1)
        finally:
            code, said = gateway.finish()
        self.assertEqual(code, 0, said)
        self.assertFalse(os.path.exists(token_file), "the token is left behind")
        self.assertFalse(os.path.exists(os.path.dirname(clip)), "the folder is left behind")

    def test_what_dev_prints_for_people_works_when_it_is_pasted(self):
        command = [VOICECTL, "serve", "--dev", "--ws-port", "0", "--http-port", "0"]
        with tempfile.TemporaryDirectory() as folder, subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=clean_environment()
        ) as child:
            try:
                line = ""
                while "replay-audio" not in line:
                    line = child.stdout.readline()
                    self.assertTrue(line, "it ended before it had told the next command")
                pasted = re.sub(r"\x1b\[[0-9;]*m", "", line).strip()
                done = subprocess.run(
                    ["sh", "-c", pasted],
                    cwd=folder,
                    capture_output=True,
                    text=True,
                    timeout=PATIENCE,
                    env=clean_environment(),
                )
                self.assertEqual(done.returncode, 0, pasted + "\n" + done.stderr)
                self.assertIn("agent_final", done.stdout)
                rate, samples = speech.read_wav(pathlib.Path(folder, "reply.wav"))
                self.assertGreater(speech.loud_seconds(samples, rate), 1)
            finally:
                child.terminate()
                self.assertEqual(child.wait(PATIENCE), 0)

    def test_a_reader_that_leaves_ends_it_quietly(self):
        for arguments in (("--help",), ("serve", "--help")):
            read_end, write_end = os.pipe()
            os.close(read_end)
            with open(write_end, "w") as closed:
                done = subprocess.run(
                    [VOICECTL, *arguments], stdout=closed, stderr=subprocess.PIPE, text=True, timeout=PATIENCE
                )
            self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)


if __name__ == "__main__":
    unittest.main()
