# SPDX-License-Identifier: Apache-2.0
"""validate-config from outside: every code in every format, where its output goes, and what serve says of the same."""

import json
import re
import unittest

import broken
from support import run

ONLINE = re.compile(r"E15|W25|N30")
HEADINGS = {"error": "❌ Configuration Errors:", "warning": "⚠️  Configuration Warnings:"}


class BrokenTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = broken.make_folder()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.examples = list(broken.examples())

    def validate(self, example, *arguments):
        return run(
            "validate-config",
            *example.arguments,
            *arguments,
            environment=example.environment,
            cwd=self.folder.name,
            preexec_fn=example.limit_descriptors,
        )

    def findings(self, example, *arguments):
        done = self.validate(example, "--format", "json", *arguments)
        return json.loads(done.stdout)["findings"]

    def each(self):
        for example in self.examples:
            yield example, "error" if example.code[0] == "E" else "warning"


class BrokenExamples(BrokenTest):
    def test_there_is_one_for_each_code(self):
        rules = json.loads(run("validate-config", "--format", "sarif").stdout)["runs"][0]["tool"]["driver"]["rules"]
        wanted = {rule["id"] for rule in rules if not ONLINE.match(rule["id"])}
        self.assertEqual(wanted, {example.code for example in self.examples})

    def test_each_yields_its_code_at_its_place_in_json(self):
        for example, severity in self.each():
            with self.subTest(example.code):
                document = json.loads(self.validate(example, "--format", "json").stdout)
                self.assertEqual(document["schema"], "voicectl.validate-config.v1")
                self.assertEqual(document["valid"], severity == "warning", document)
                others = {found["code"] for found in document["findings"]} - {example.code}
                self.assertLessEqual(others, broken.COMPANY.get(example.code, set()), document)
                mine = [found for found in document["findings"] if found["code"] == example.code]
                self.assertEqual(len(mine), 1, document)
                self.assertEqual(mine[0]["severity"], severity)
                if example.file:
                    self.assertEqual(mine[0]["file"], example.file)
                self.assertEqual(mine[0].get("line", 0), example.line, mine)
                if example.line:
                    self.assertEqual(mine[0]["column"], example.column, mine)
                    self.assertEqual(mine[0]["endColumn"], example.column + example.length, mine)

    def test_text_has_the_line_and_carets_below_it(self):
        for example, severity in self.each():
            with self.subTest(example.code):
                done = self.validate(example)
                self.assertEqual(done.returncode, 1 if severity == "error" else 0, done.stderr)
                self.assertIn(HEADINGS[severity], done.stderr.splitlines())
                said = done.stderr.splitlines()
                mine = [i for i, line in enumerate(said) if f": {severity}[{example.code}]: " in line]
                self.assertEqual(len(mine), 1, done.stderr)
                if not example.line:
                    continue
                head, excerpt, carets = said[mine[0] : mine[0] + 3]
                self.assertTrue(head.startswith(f"{example.file}:{example.line}:{example.column}: "), head)
                margin = f"  {example.line} | "
                self.assertTrue(excerpt.startswith(margin), excerpt)
                shown = excerpt[len(margin) :]
                self.assertEqual(carets.index("^") - len(margin) + 1, example.column, carets)
                if shown == example.text:
                    self.assertEqual(carets.count("^"), example.length, carets)
                else:
                    before = example.column - 1
                    self.assertEqual(shown[:before], example.text[:before])
                    self.assertTrue(shown.endswith("[redacted]"), shown)

    def test_github_annotates_the_place(self):
        for example, severity in self.each():
            with self.subTest(example.code):
                lines = self.validate(example, "--format", "github").stdout.splitlines()
                mine = [line for line in lines if f"title={example.code} " in line]
                self.assertEqual(len(mine), 1, lines)
                place = ""
                if example.file:
                    place = f"file={example.file},"
                if example.line:
                    end = example.column + example.length
                    place += f"line={example.line},col={example.column},endColumn={end},"
                self.assertTrue(mine[0].startswith(f"::{severity} {place}title={example.code} "), mine)

    def test_sarif_has_rule_and_region(self):
        for example, severity in self.each():
            with self.subTest(example.code):
                run_of = json.loads(self.validate(example, "--format", "sarif").stdout)["runs"][0]
                mine = [result for result in run_of["results"] if result["ruleId"] == example.code]
                self.assertEqual(len(mine), 1)
                self.assertEqual(mine[0]["level"], severity)
                self.assertEqual(run_of["tool"]["driver"]["rules"][mine[0]["ruleIndex"]]["id"], example.code)
                if not example.file:
                    continue
                physical = mine[0]["locations"][0]["physicalLocation"]
                self.assertEqual(physical["artifactLocation"]["uri"], example.file)
                region = physical.get("region", {})
                self.assertEqual(region.get("startLine", 0), example.line)
                if example.line:
                    self.assertEqual(region["startColumn"], example.column)
                    self.assertEqual(region["endColumn"], example.column + example.length)

    def test_serve_says_the_same(self):
        for example, severity in self.each():
            with self.subTest(example.code):
                codes = sorted(found["code"] for found in self.findings(example))
                options = dict(environment=example.environment, cwd=self.folder.name)
                options["preexec_fn"] = example.limit_descriptors
                done = run("serve", "--check", *example.sources, **options)
                own_words = example.code == "E114"
                expected = 0 if severity == "warning" else 64 if own_words else 78
                self.assertEqual(done.returncode, expected, done.stderr)
                self.assertEqual(done.stdout, "")
                if severity == "error":
                    self.assertEqual(sorted(re.findall(r"(?:error|warning)\[(\w+)\]", done.stderr)), codes, done.stderr)
                    self.assertEqual(run("serve", *example.sources, **options).returncode, expected)


class ValidateConfig(BrokenTest):
    def check(self, *arguments, **options):
        options.setdefault("environment", broken.GOOD)
        return run("validate-config", *arguments, cwd=self.folder.name, **options)

    def test_nothing_to_complain_about_goes_to_stdout(self):
        done = self.check()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("✅ Configuration validation passed", done.stdout)

    def test_warnings_alone_pass_unless_they_are_to_fail(self):
        done = self.check("W221.toml")
        self.assertEqual(done.returncode, 0)
        self.assertIn("passed (1 warning)", done.stdout)
        self.assertEqual(self.check("W221.toml", "--fail-on", "warning").returncode, 1)
        self.assertEqual(self.check("W221.toml", "--fail-on", "warning").stdout, "")
        self.assertEqual(self.check("E107.toml", "--fail-on", "never").returncode, 0)
        self.assertEqual(self.check("E107.toml", "--fail-on", "never").stdout, "")

    def test_the_presets_are_right_and_the_balanced_one_is_the_default(self):
        presets = broken.FOLDER.parents[2] / "examples/presets"
        shown = {}
        for preset in ("high-performance", "balanced", "conservative"):
            done = self.check(f"{presets}/{preset}.toml", "--fail-on", "warning", "--print")
            self.assertEqual((done.returncode, done.stderr), (0, ""), preset)
            shown[preset] = done.stdout
        self.assertEqual(shown["balanced"], self.check("--print").stdout)
        self.assertEqual(len(set(shown.values())), 3)

    def test_quiet_says_only_errors(self):
        self.assertEqual(self.check("-q").stdout, "")
        done = self.check("-q", "W221.toml")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        done = self.check("-q", "E107.toml", "W221.toml")
        self.assertEqual(done.returncode, 1)
        self.assertIn("E107", done.stderr)
        self.assertNotIn("W221", done.stderr)

    def test_stdin_is_a_file_too(self):
        with open(f"{self.folder.name}/E107.toml") as file:
            done = self.check("-", "--format", "json", stdin=file)
        found = json.loads(done.stdout)["findings"][0]
        self.assertEqual(done.returncode, 1)
        self.assertEqual((found["code"], found["file"], found["line"]), ("E107", "<stdin>", 3))

    def test_several_files_are_several_configurations(self):
        done = self.check("E107.toml", "W204.env", "E105.toml", "W221.toml", "--format", "json")
        found = [(each["file"], each["code"]) for each in json.loads(done.stdout)["findings"]]
        wanted = ["E105.toml", "E107.toml", "W204.env", "W221.toml"]
        self.assertEqual(found, [(name, name[:4]) for name in wanted])

    def test_what_files_have_in_common_is_said_once(self):
        wrong = {**broken.GOOD, "VOICE_FRAME_MS": "30"}
        done = self.check("W221.toml", "W204.env", "--format", "json", environment=wrong)
        codes = [each["code"] for each in json.loads(done.stdout)["findings"]]
        self.assertEqual(sorted(codes), ["E108", "W204", "W221"])

    def test_syntax_finds_no_semantics(self):
        for code in ("E121", "E123", "W224", "E140", "W210"):
            done = self.check(f"{code}.toml", "--level", "syntax", environment={})
            self.assertEqual((done.returncode, done.stderr), (0, ""), code)
        for code in ("E101", "E104", "E105", "E107", "E108", "E109"):
            self.assertEqual(self.check(f"{code}.toml", "--level", "syntax", environment={}).returncode, 1, code)

    def test_semantics_opens_no_named_file(self):
        self.assertEqual(self.check("E140.toml", "--level", "semantics").returncode, 0)
        self.assertEqual(self.check("E140.toml").returncode, 1)

    def test_an_unknown_key_on_the_command_line_is_a_verdict_here_and_usage_for_serve(self):
        words = ("--set", "server.ws_prot=9000")
        done = self.check(*words)
        self.assertEqual(done.returncode, 1)
        self.assertIn("did you mean server.ws_port?", done.stderr)
        self.assertEqual(run("serve", "--check", *words, environment=broken.GOOD).returncode, 64)

    def test_options_that_do_not_go_together_are_usage(self):
        self.assertEqual(self.check("--show-origin").returncode, 64)
        self.assertEqual(self.check("--print", "W221.toml", "W204.env").returncode, 64)
        self.assertEqual(self.check("--level", "deep").returncode, 64)

    def test_what_is_odd_in_a_file_reaches_no_terminal(self):
        text = '[server]\nws_port = "\x1b[2J"\nbind_address = "\udcff"\n'
        with open(f"{self.folder.name}/odd.toml", "w", errors="surrogateescape") as file:
            file.write(text)
        for kind in ("text", "json", "github", "sarif"):
            done = self.check("odd.toml", "--format", kind)
            self.assertEqual(done.returncode, 1)
            self.assertNotIn("\x1b", done.stdout + done.stderr)

    def test_a_file_of_nothing_but_errors_ends_too(self):
        for name, line in (("full.env", "=\n"), ("full.toml", "jwt_secrt{} = 1\n"), ("unclosed.env", 'A="\\\n')):
            with open(f"{self.folder.name}/{name}", "w") as file:
                file.writelines(line.format(number) for number in range(20000))
            self.assertEqual(self.check(name, "--format", "json").returncode, 1, name)

    def test_the_columns_are_those_of_an_editor(self):
        with open(f"{self.folder.name}/mark.env", "w", encoding="utf-8-sig") as file:
            file.write("VOICE_WS_PORT=80\n")
        found = json.loads(self.check("mark.env", "--format", "json").stdout)["findings"][0]
        self.assertEqual((found["line"], found["column"], found["excerpt"]), (1, 15, "VOICE_WS_PORT=80"))

    def test_what_is_printed_can_be_read_back(self):
        with open(f"{self.folder.name}/printed.toml", "w") as file:
            file.write(self.check("--print").stdout)
        done = self.check("printed.toml", "--format", "json")
        others = {found["code"] for found in json.loads(done.stdout)["findings"]} - {"W210"}
        self.assertEqual(others, set())
