import unittest
from pathlib import Path

from ringtap import Config, ConfigError
from ringtap.quoted import quoted

CASES = Path(__file__).parents[3] / "tests/conformance/config.tsv"
ESCAPES = {r"\N": "\n", r"\R": "\r", r"\T": "\t", r"\Z": "\x01"}


def outcome(text: str) -> str:
    try:
        config = Config(text)
        n = config.integer("n", 7, 1, 100)
        b = config.truth("b", default=False)
        s = config.text("s", "def")
        z = config.seconds("z", 3, 1, 60)
        config.finish()
    except ConfigError as error:
        return str(error)
    return f"n={n} b={str(b).lower()} s={quoted(s)} z={z.seconds}"


class Configs(unittest.TestCase):
    def test_a_config_is_read_and_refused_as_by_the_rust_sdk(self) -> None:
        lines = CASES.read_text().splitlines()
        self.assertGreater(len(lines), 200)
        for line in lines:
            text, expected = line.split("\t")
            for escape, character in ESCAPES.items():
                text = text.replace(escape, character)
            with self.subTest(text=text):
                self.assertEqual(outcome(text), expected)

    def test_there_are_at_most_256_keys_and_depth_is_no_danger(self) -> None:
        many = "".join(f"k{i} = 1\n" for i in range(257))
        self.assertEqual(outcome(many), "the config is not TOML, line 257: there are too many keys")
        deep = f"n = {'[' * 100_000}5{']' * 100_000}"
        self.assertIn("an array or table won't do", outcome(deep))
        self.assertIn("won't do", outcome(f"n = {'9' * 100_000}"))


if __name__ == "__main__":
    unittest.main()
