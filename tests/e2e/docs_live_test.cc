// `skein docs --watch` and `--serve` as a user runs them, ended as Ctrl-C does (SIGTERM: a shell lets its background
// jobs ignore SIGINT).
#include <gtest/gtest.h>

#include "e2e/skein_program.h"

namespace skein {
namespace {

/// Starts skein, waits for its first page, does `script`, sends Ctrl-C; all of it bounded.
test::Outcome live(const test::SkeinProgram& skein, const std::string& flags, const std::string& script) {
  return skein.run_program({"bash", "-c",
                            "wait_for() { for i in $(seq 200); do grep -q \"$1\" log && return 0; sleep 0.05; done; "
                            "echo \"no $1 in:\"; cat log; }\n" +
                                std::string(SKEIN_PROGRAM) + " docs . -o \"$HOME/site\" " + flags +
                                " >log 2>err & pid=$!\nwait_for 'files documented'\n" + script +
                                "\nkill -TERM $pid\nwait $pid\ncode=$?\ncat log\nexit $code"},
                           skein.workspace.root());
}

TEST(DocsWatch, MakesWhatChangesAndEndsWith130) {
  test::SkeinProgram skein;
  skein.workspace.write(".gitignore", "log\nerr\n");
  skein.workspace.write("src/a.py", "def a():\n    return 1\n");
  const auto outcome = live(skein, "--watch", "mkdir new\necho 'x = 1' > new/b.py\nwait_for '2 of 3 files documented'");
  EXPECT_EQ(outcome.exit_code, 130) << outcome.out << outcome.err << skein.workspace.read("err");
  EXPECT_NE(outcome.out.find("2 of 3 files documented"), std::string::npos) << outcome.out;
  EXPECT_FALSE(skein.home.read("site/files/new/b.py.html").empty());
}

TEST(DocsServe, IsRefusedWithoutSocketsAndSaysTheWayOut) {
  test::SkeinProgram skein;
  skein.workspace.write("a.py", "x = 1\n");
  const auto outcome = skein.run({"docs", "--serve", "--mode", "airgapped"});
  EXPECT_EQ(outcome.exit_code, 3) << outcome.out << outcome.err;
  EXPECT_NE(outcome.err.find("index.html"), std::string::npos) << outcome.err;
  EXPECT_EQ(skein.run({"docs", "--port", "1"}).exit_code, 2);
  EXPECT_EQ(skein.run({"docs", "--serve", "--check"}).exit_code, 2);
}

TEST(DocsServe, GivesPagesOfTheManifestAndMarksWhatIsStale) {
  test::SkeinProgram skein;
  skein.workspace.write(".gitignore", "log\nerr\n");
  skein.workspace.write("src/a.py", "def a():\n    return 1\n");
  const auto outcome = live(skein, "--serve --port 0",
                            "url=$(grep -o 'http://[0-9.:]*' log)\n"
                            "get() { exec 3<>/dev/tcp/127.0.0.1/${url##*:}; printf 'GET %s HTTP/1.1\\r\\nHost: "
                            "localhost\\r\\nConnection: close\\r\\n\\r\\n' "
                            "\"$1\" >&3; timeout 10 cat <&3; exec 3>&-; }\n"
                            "echo \"page: $(get /files/src/a.py.html | tr -d '\\0' | grep -c 'live.js')\"\n"
                            "echo \"out: $(get /../err | head -1)\"\n"
                            "echo \"unlisted: $(get /nothing.html | head -1)\"\n"
                            "echo 'y = 2' >> src/a.py\n"
                            "echo \"stale: $(get /files/src/a.py.html | grep -c 'Stale:')\"");
  EXPECT_EQ(outcome.exit_code, 130) << outcome.out << outcome.err << skein.workspace.read("err");
  for (const auto* part : {"page: 1", "out: HTTP/1.1 400", "unlisted: HTTP/1.1 404", "stale: 1"})
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out;
}

}  // namespace
}  // namespace skein
