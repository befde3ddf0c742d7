# Language, warnings, arithmetic and sanitizers: the same for every target.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(PATRON_WERROR)
    add_compile_options(-Werror)
endif()

# Scores are the same on every machine: no fused multiply-add the source does not ask for. The other
# two only drop errno and trap bookkeeping, which lets plain loops over <cmath> vectorise.
add_compile_options(-ffp-contract=off -fno-math-errno -fno-trapping-math)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC bug 105651 and kin: false alarms inside std::string at -O3.
    add_compile_options(-Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # libstdc++ 12's own stable_sort calls what libstdc++ 12 calls deprecated.
    add_compile_options(-Wno-deprecated-declarations)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND PATRON_SANITIZE)
    # A sanitizer's checks keep the marked loops scalar; clang would tell each time.
    add_compile_options(-Wno-pass-failed)
endif()

if(PATRON_SANITIZE)
    add_compile_options(-fsanitize=${PATRON_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${PATRON_SANITIZE})
    if(PATRON_SANITIZE MATCHES "undefined")
        add_compile_options(-fno-sanitize-recover=undefined)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # The checks inserted by the sanitizers hide the initialisation from gcc's flow analysis.
        add_compile_options(-Wno-maybe-uninitialized)
    endif()
endif()

if(PATRON_THREAD_SAFETY)
    if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        message(FATAL_ERROR "PATRON_THREAD_SAFETY needs clang")
    endif()
    add_compile_options(-Wthread-safety -Wthread-safety-beta)
endif()

find_program(PATRON_CCACHE ccache)
mark_as_advanced(PATRON_CCACHE)
if(PATRON_CCACHE)
    # Without this sloppiness ccache never hits on a file that uses a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${PATRON_CCACHE}")
endif()
