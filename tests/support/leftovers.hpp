#pragma once

namespace vagus::testing {

/// Makes each test of the program fail that leaves a thread, a child process, a file descriptor, shared
/// memory or a file in the temporary directory, and ends the program with a message when a test takes longer
/// than 100 s.
///
/// Gives the program a temporary directory of its own, in TMPDIR and TEST_TMPDIR, and removes it at the end.
/// The environment variable VAGUS_TEST_LIMIT sets another limit in seconds; 0, for the debugger, means none.
/// To be called once, by main, before there is a second thread.
void watch_for_leftovers();

}  // namespace vagus::testing
