# Every benchmark in one program; ctest runs all of them once at tiny size so that none rots.
file(GLOB_RECURSE bench_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/*_bench.cc")
if(NOT bench_sources)
    return()
endif()
file(GLOB bench_support CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/support/*.cc")

add_executable(patron_bench ${bench_sources} ${bench_support})
target_link_libraries(patron_bench PRIVATE
    patron_server benchmark::benchmark benchmark::benchmark_main simdjson::simdjson)
if(TARGET patron_test_support)
    target_link_libraries(patron_bench PRIVATE patron_test_support)
endif()
target_compile_definitions(patron_bench PRIVATE PATRON_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
set_target_properties(patron_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")

if(PATRON_TESTS)
    add_test(NAME bench_smoke COMMAND patron_bench --benchmark_min_time=0.001)
    set_tests_properties(bench_smoke PROPERTIES
        LABELS smoke ENVIRONMENT PATRON_BENCH_SMALL=1 TIMEOUT 900
        WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
endif()
