# One gtest program per folder, python tests of the real binary, and the checks of the house itself.
if(NOT PATRON_TESTS)
    return()
endif()
include(GoogleTest)

patron_floor(patron_test_support
    SOURCES tests/support/*.cc
    PUBLIC patron_store GTest::gtest GTest::gmock rapidcheck rapidcheck_gtest SQLite::SQLite3)

# patron_test_folder(<folder> <label> <target>...): tests/<folder>/*_test.cc.
function(patron_test_folder folder label)
    file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${folder}/*.cc")
    if(NOT sources)
        return()
    endif()
    set(name patron_tests_${folder})
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE ${ARGN} patron_test_support GTest::gtest_main)
    target_compile_definitions(${name} PRIVATE PATRON_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    target_precompile_headers(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tools/cmake/test_pch.h")
    gtest_discover_tests(${name}
        DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
        WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
        PROPERTIES LABELS ${label} TIMEOUT 600)
endfunction()

patron_test_folder(scoring unit patron_scoring)
patron_test_folder(store unit patron_store patron_wire)
patron_test_folder(wire unit patron_wire simdjson::simdjson)
patron_test_folder(endpoints unit patron_endpoints)
patron_test_folder(net unit patron_net)
patron_test_folder(allocations unit patron_net)
patron_test_folder(server unit patron_server)
patron_test_folder(tools unit patron_commands)
patron_test_folder(threads threads patron_store patron_net)
patron_test_folder(powercut crash patron_store)

# A disk that fails on demand, preloaded into the real binary; beside it, where the scripts look for it.
if(TARGET patron)
    add_library(patron_test_faults MODULE "${PROJECT_SOURCE_DIR}/tests/crash/faults.cc")
    target_link_libraries(patron_test_faults PRIVATE ${CMAKE_DL_LIBS})
    # Calls reach it before a sanitizer is awake.
    target_compile_options(patron_test_faults PRIVATE -fno-sanitize=all)
    target_link_options(patron_test_faults PRIVATE -fno-sanitize=all)
    set_target_properties(patron_test_faults PROPERTIES
        LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
endif()

# tests/e2e and tests/crash drive the real binary; exit code 77 means skipped, with the reason printed.
# A script that runs (it names __main__) is a test, any other is a module of these. Under sanitizers those
# that take --quick do less.
if(TARGET patron)
    foreach(folder e2e crash)
        file(GLOB scripts CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${folder}/*.py")
        foreach(script IN LISTS scripts)
            file(STRINGS "${script}" runs REGEX "__main__" LIMIT_COUNT 1)
            if(NOT runs)
                continue()
            endif()
            set(quick "")
            file(STRINGS "${script}" can_be_quick REGEX "--quick" LIMIT_COUNT 1)
            if(can_be_quick AND PATRON_SANITIZE)
                set(quick --quick)
            endif()
            get_filename_component(stem "${script}" NAME_WE)
            add_test(NAME ${folder}.${stem}
                COMMAND Python3::Interpreter "${script}" --patron $<TARGET_FILE:patron> ${quick})
            set_tests_properties(${folder}.${stem} PROPERTIES
                LABELS ${folder} SKIP_RETURN_CODE 77 TIMEOUT 600
                WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
        endforeach()
    endforeach()
endif()

if(EXISTS "${PROJECT_SOURCE_DIR}/tools/check_layers.py")
    add_test(NAME layers
        COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/tools/check_layers.py")
    set_tests_properties(layers PROPERTIES LABELS tidy)
endif()
file(GLOB scripts CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/tidy/*_test.py")
foreach(script IN LISTS scripts)
    get_filename_component(stem "${script}" NAME_WE)
    add_test(NAME tidy.${stem} COMMAND Python3::Interpreter "${script}")
    set_tests_properties(tidy.${stem} PROPERTIES LABELS tidy)
endforeach()
