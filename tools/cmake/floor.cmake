# patron_floor(<name> SOURCES <glob>... [EXCLUDE <file name>...] [PUBLIC <target>...]
#              [PRIVATE <target>...] [DEFINES <definition>...] [PRECOMPILE <header>])
# A static library of what the globs find. While they find nothing it is an interface library with
# the same links, so that the floors above it configure already.
function(patron_floor name)
    cmake_parse_arguments(floor "" "PRECOMPILE" "SOURCES;EXCLUDE;PUBLIC;PRIVATE;DEFINES" ${ARGN})
    list(TRANSFORM floor_SOURCES PREPEND "${PROJECT_SOURCE_DIR}/")
    file(GLOB sources CONFIGURE_DEPENDS ${floor_SOURCES})
    foreach(file IN LISTS floor_EXCLUDE)
        list(FILTER sources EXCLUDE REGEX "/${file}$")
    endforeach()

    if(NOT sources)
        add_library(${name} INTERFACE)
        target_include_directories(${name} INTERFACE "${PROJECT_SOURCE_DIR}")
        target_link_libraries(${name} INTERFACE ${floor_PUBLIC} ${floor_PRIVATE})
        target_compile_definitions(${name} INTERFACE ${floor_DEFINES})
        return()
    endif()

    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${name} PUBLIC ${floor_PUBLIC} PRIVATE ${floor_PRIVATE})
    target_compile_definitions(${name} PUBLIC ${floor_DEFINES})
    if(floor_PRECOMPILE)
        target_precompile_headers(${name} PRIVATE "${PROJECT_SOURCE_DIR}/${floor_PRECOMPILE}")
    endif()
endfunction()
