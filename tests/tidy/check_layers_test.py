#!/usr/bin/env python3
"""Plants each kind of breach in a house of its own and expects check_layers.py to name it."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CHECK = ROOT / "tools" / "check_layers.py"
HEADER = "#pragma once\n// What this room is for.\n\n"
LEFTOVER = "TO" + "DO"


class House:
    """A folder with the build's own globs and nothing else in it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        self.write("CMakeLists.txt", (ROOT / "CMakeLists.txt").read_text())
        for file in (ROOT / "tools/cmake").glob("*.cmake"):
            self.write(f"tools/cmake/{file.name}", file.read_text())

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def check(self, *arguments):
        run = subprocess.run([sys.executable, CHECK, "--root", self.root, *arguments],
                             capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr


def function_of(lines):
    return "int count(int n) {\n" + "    n += 1;\n" * (lines - 1) + "    return n;\n}\n"


class CheckLayers(unittest.TestCase):
    def setUp(self):
        self.house = House()
        self.addCleanup(self.house.folder.cleanup)

    def expect_clean(self, *arguments):
        code, output = self.house.check(*arguments)
        self.assertEqual(code, 0, output)

    def expect_breach(self, path, text, *words):
        """The file is a breach that names its path and the words; without it the house is clean."""
        self.expect_clean()
        self.house.write(path, text)
        code, output = self.house.check()
        self.assertEqual(code, 1, output)
        named = [line for line in output.splitlines() if line.startswith(path + ":")]
        self.assertTrue(any(all(word in line for word in words) for line in named), output)
        (self.house.root / path).unlink()

    def test_an_orderly_house_is_clean(self):
        self.house.write("scoring/units.h", HEADER)
        self.house.write("store/store.cc", '#include "scoring/units.h"\n#include <vector>\n')
        self.house.write("store/parallel.cc", "#include <oneapi/tbb/task_arena.h>\n")
        self.house.write("server/app.cc", "#include <boost/asio.hpp>\n")
        self.house.write("tests/store/store_test.cc", '#include "server/net/x.h"\n#include <simdjson.h>\n')
        self.expect_clean()

    def test_every_upward_arrow_is_caught(self):
        arrows = [("scoring", "store"), ("scoring", "server/wire"), ("store", "server"),
                  ("store", "server/wire"), ("server/wire", "server/endpoints"),
                  ("server/endpoints", "server/net"), ("server/net", "server"),
                  ("server/net", "scoring"), ("store", "tests/support"), ("server", "bench"),
                  ("tools/patron", "server/net")]
        for above, below in arrows:
            with self.subTest(above=above, below=below):
                self.expect_breach(f"{above}/a.cc", f'#include "{below}/b.h"\n', "may not include", below)

    def test_an_include_that_is_not_from_the_root(self):
        self.expect_breach("store/a.cc", '#include "partition.h"\n', "not written from the root")

    def test_a_second_door_to_a_library(self):
        doors = [("store", "simdjson.h", "simdjson"), ("store", "tbb/parallel_for.h", "oneTBB"),
                 ("scoring", "oneapi/tbb.h", "oneTBB"), ("server/wire", "boost/asio.hpp", "Asio"),
                 ("server/endpoints", "boost/beast/http.hpp", "Asio"), ("store", "date/tz.h", "date"),
                 ("scoring", "nlopt.hpp", "NLopt"), ("server", "CLI/CLI.hpp", "CLI11"),
                 ("server/net", "zlib.h", "zlib")]
        for folder, header, library in doors:
            with self.subTest(folder=folder, header=header):
                self.expect_breach(f"{folder}/a.cc", f"#include <{header}>\n", "second door", library)

    def test_a_header_without_pragma_once(self):
        self.expect_breach("store/a.h", "// What this room is for.\n\nint a();\n", "#pragma once")

    def test_a_header_without_its_contract(self):
        self.expect_breach("store/a.h", "#pragma once\n\n#include <vector>\n", "contract")

    def test_a_source_that_no_target_builds(self):
        for path in ["store/deep/a.cc", "bench/store/a.cc", "tests/elsewhere/a_test.cc"]:
            with self.subTest(path=path):
                self.expect_breach(path, "", "no target builds")

    def test_a_source_on_no_floor(self):
        self.expect_breach("server/attic/a.cc", "", "no floor")

    def test_leftovers_and_foreign_paths_in_any_text(self):
        self.expect_breach("store/a.cc", f"// {LEFTOVER}: later\n", "leftover")
        self.expect_breach("store/README.md", "see /wo" + "rk/elsewhere\n", "somebody's machine")

    def test_a_file_of_more_than_500_lines(self):
        self.expect_breach("store/a.cc", "int a;\n" * 501, "501 lines")

    def test_a_long_function_is_named(self):
        text = "namespace a {\nclass B {\n  public:\n    B() : c_{1} {}\n    int c_;\n};\n"
        self.expect_breach("store/a.cc", text + function_of(61) + "}\n", "count", "61 lines")

    def test_braces_in_strings_and_comments_are_no_braces(self):
        text = 'int f() {\n    // }\n    char a = \'}\';\n' + '    g("}{{", R"(}})", 1\'000);\n' * 59 + "}\n"
        self.expect_breach("store/a.cc", text, "f has 61 lines")

    def test_a_function_of_60_lines_is_fine(self):
        self.house.write("store/a.cc", function_of(60))
        self.expect_clean()

    def test_the_list_of_long_functions_may_only_shrink(self):
        self.house.write("store/a.cc", function_of(70))
        self.expect_clean("--update-long-functions")
        self.house.write("store/a.cc", function_of(71))
        self.assertIn("count has 71 lines", self.house.check()[1])
        self.house.write("store/a.cc", function_of(65))
        self.assertIn("shorter now", self.house.check()[1])
        self.house.write("store/a.cc", function_of(10))
        self.assertIn("shorter now", self.house.check()[1])


if __name__ == "__main__":
    unittest.main()
