# What the library needs. The Debian packages are listed in packaging/dependencies.txt, and what users of the
# installed library need of it once more in vagus-config.cmake.in. GLOBAL: a
# project that includes this one as a subdirectory links to these, too.

find_package(Threads REQUIRED GLOBAL)
find_package(MsgpackCxx 4.0 REQUIRED GLOBAL)
find_package(spdlog 1.10 CONFIG REQUIRED GLOBAL)
find_package(Boost 1.74 CONFIG REQUIRED COMPONENTS thread GLOBAL)

# Logins and tls://. Who switches this off has neither.
if(VAGUS_OPENSSL)
  find_package(OpenSSL 3.0 GLOBAL)
  if(NOT OPENSSL_FOUND)
    message(FATAL_ERROR "There is no OpenSSL 3.0 (libssl-dev); -DVAGUS_OPENSSL=OFF builds without logins and tls://")
  endif()
endif()
# ?compression=zstd. Who switches this off has none.
if(VAGUS_ZSTD)
  find_package(zstd 1.4 CONFIG GLOBAL)
  if(NOT zstd_FOUND)
    message(FATAL_ERROR "There is no libzstd (libzstd-dev); -DVAGUS_ZSTD=OFF builds without compression")
  endif()
endif()
# The component configuration. Who switches this off has none.
if(VAGUS_CONFIGURATION)
  find_package(tomlplusplus 3.3 CONFIG GLOBAL)
  if(NOT tomlplusplus_FOUND)
    message(FATAL_ERROR "There is no toml++ (libtomlplusplus-dev); -DVAGUS_CONFIGURATION=OFF builds without the "
                        "component configuration")
  endif()
endif()
