# Every switch of the build, in one place.
set(PATRON_WERROR ON CACHE BOOL "Treat warnings as errors")
set(PATRON_SANITIZE "" CACHE STRING "Value for -fsanitize=, e.g. address,undefined")
set(PATRON_THREAD_SAFETY OFF CACHE BOOL "Clang's thread-safety analysis")
set(PATRON_PARALLEL "tbb" CACHE STRING "Body of store/parallel: tbb, or threads (clean under TSan)")
set_property(CACHE PATRON_PARALLEL PROPERTY STRINGS tbb threads)
set(PATRON_COLUMN_CHUNK_ROWS 1024 CACHE STRING "Rows in one chunk of a column")
set(PATRON_PARTITION_COUNT_DEFAULT 64 CACHE STRING "Partitions of a new store")
set(PATRON_TESTS ON CACHE BOOL "Build the tests")

if(NOT PATRON_PARALLEL MATCHES "^(tbb|threads)$")
    message(FATAL_ERROR "PATRON_PARALLEL is '${PATRON_PARALLEL}'; use tbb or threads")
endif()

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release or RelWithDebInfo" FORCE)
endif()

# Benchmarks mean something in a release build only.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT PATRON_SANITIZE)
    set(PATRON_BENCH ON CACHE BOOL "Build patron_bench")
else()
    set(PATRON_BENCH OFF CACHE BOOL "Build patron_bench")
endif()
