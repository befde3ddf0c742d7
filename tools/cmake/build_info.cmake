# What `patron version` and /version say: <server/build_info.h> in the build folder.
set(PATRON_GIT_COMMIT "unknown")
find_package(Git QUIET)
if(Git_FOUND)
    execute_process(
        COMMAND "${GIT_EXECUTABLE}" rev-parse --short HEAD
        WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
        OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE
        RESULT_VARIABLE failed ERROR_QUIET)
    if(NOT failed)
        set(PATRON_GIT_COMMIT "${commit}")
    endif()
endif()

# A release names the commit it was built from, so a new commit configures again.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND EXISTS "${PROJECT_SOURCE_DIR}/.git/logs/HEAD")
    set_property(DIRECTORY APPEND PROPERTY
        CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/.git/logs/HEAD")
endif()

configure_file(tools/cmake/build_info.h.in generated/server/build_info.h @ONLY)
add_library(patron_build_info INTERFACE)
target_include_directories(patron_build_info INTERFACE "${CMAKE_BINARY_DIR}/generated")
