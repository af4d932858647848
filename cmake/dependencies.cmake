# What the library needs. The Debian packages are listed in packaging/dependencies.txt, and what users of the
# installed library need of it once more in vagus-config.cmake.in. GLOBAL: a
# project that includes this one as a subdirectory links to these, too.

find_package(Threads REQUIRED GLOBAL)
find_package(MsgpackCxx 4.0 REQUIRED GLOBAL)
find_package(spdlog 1.10 CONFIG REQUIRED GLOBAL)
find_package(Boost 1.74 CONFIG REQUIRED COMPONENTS thread GLOBAL)
