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
else()
    # The naive rivals, in a build without tests.
    file(GLOB references CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/support/reference_*.cc")
    target_sources(patron_bench PRIVATE ${references})
endif()
target_compile_definitions(patron_bench PRIVATE PATRON_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
set_target_properties(patron_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")

if(PATRON_TESTS)
    add_test(NAME bench_smoke COMMAND patron_bench --benchmark_min_time=0.001)
    set_tests_properties(bench_smoke PROPERTIES
        LABELS smoke ENVIRONMENT PATRON_BENCH_SMALL=1 TIMEOUT 900
        WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
endif()

# The programs of bench/peers/compare.py: one load for all contenders, the limit, and the cores' distance.
add_executable(patron_load
    bench/e2e/load.cc
    bench/e2e/batch_reads.cc
    bench/e2e/closed_loop.cc
    bench/e2e/event_loads.cc
    bench/e2e/fact_text.cc
    bench/e2e/facts.cc
    bench/e2e/hash_reads.cc
    bench/e2e/http_answers.cc
    bench/e2e/point_reads.cc
    bench/e2e/redis_answers.cc)
target_link_libraries(patron_load PRIVATE CLI11::CLI11 fmt::fmt)
add_executable(raw_epoll bench/e2e/raw_epoll.cc)
add_executable(ping_pong bench/e2e/ping_pong.cc)
target_link_libraries(ping_pong PRIVATE Threads::Threads)

# The programs of bench/peers/stream.py: listeners with the changes they hear of, and the naive rival.
add_executable(stream_listeners
    bench/e2e/stream_listeners.cc
    bench/e2e/change_load.cc
    bench/e2e/fact_text.cc
    bench/e2e/http_answers.cc
    bench/e2e/stream_clients.cc)
target_link_libraries(stream_listeners PRIVATE CLI11::CLI11 fmt::fmt)
add_executable(naive_push bench/e2e/naive_push.cc)
target_link_libraries(naive_push PRIVATE Boost::headers Threads::Threads)
foreach(program patron_load raw_epoll ping_pong stream_listeners naive_push)
    target_include_directories(${program} PRIVATE "${PROJECT_SOURCE_DIR}")
    set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
endforeach()

if(PATRON_TESTS AND TARGET patron)
    add_test(NAME compare_smoke
        COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/bench/peers/compare.py"
            --patron $<TARGET_FILE:patron> --out "${CMAKE_BINARY_DIR}/compare"
            --customers 2000 --rounds 1 --seconds 0.05 --keep-disturbed)
    add_test(NAME growth_smoke
        COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/bench/peers/growth.py"
            --patron $<TARGET_FILE:patron> --out "${CMAKE_BINARY_DIR}/growth"
            --sizes 1000 --orders 1 --rounds 1 --seconds 0.05)
    set_tests_properties(compare_smoke growth_smoke PROPERTIES LABELS smoke TIMEOUT 600 RUN_SERIAL ON)
endif()
