# Providers as they are found in the wild: what test_robustness needs; and the formatter of
# PxeTrace. Included by CMakeLists.txt, after its functions.
pxe_wine_test(test_trace_format ${PROJECT_SOURCE_DIR}/src/api/trace_format.c)

pxe_test_provider(rob_misuse ${PROVIDER_EXPORTS})
pxe_test_provider(rob_threads ${PROVIDER_EXPORTS})

# A provider that brings a DLL of its own.
set(PROVIDERS ${PROJECT_SOURCE_DIR}/tests/providers)
add_library(rob_helper SHARED ${PROVIDERS}/rob_helper.c)
set_target_properties(rob_helper PROPERTIES
    PREFIX "" RUNTIME_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/providers)
pxe_compile_options(rob_helper)
pxe_test_provider(rob_second ${PROVIDER_EXPORTS})
target_link_libraries(rob_second PRIVATE rob_helper)

# prov_answer, linked to "WDSPXE.DLL" as other import libraries spell it.
set(upper_library ${CMAKE_CURRENT_BINARY_DIR}/libwdspxe_upper.a)
set(upper_def ${PROJECT_SOURCE_DIR}/def/wdspxe${PXE_DEF_SUFFIX}.def)
set(upper_kill_at "")
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
    set(upper_kill_at -k)
endif()
add_custom_command(OUTPUT ${upper_library}
    COMMAND ${CMAKE_DLLTOOL} ${upper_kill_at} -D WDSPXE.DLL -d ${upper_def} -l ${upper_library}
    DEPENDS ${upper_def}
    VERBATIM)
add_library(rob_case MODULE ${PROVIDERS}/prov_answer.c ${PROVIDER_EXPORTS} ${upper_library})
set_target_properties(rob_case PROPERTIES
    PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/providers)
pxe_plain_stdcall_exports(rob_case)
target_include_directories(rob_case PRIVATE ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(rob_case PRIVATE ${upper_library})
pxe_compile_options(rob_case)

# A server that is not linked to wdspxe.dll, but loads one. bin/started: what test programs start.
add_executable(rob_host ${PROVIDERS}/rob_host.c)
set_target_properties(rob_host PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/started)
target_include_directories(rob_host PRIVATE ${PROJECT_SOURCE_DIR}/include)
pxe_compile_options(rob_host)

pxe_wine_test(test_robustness ${RIG} ${SUPPORT}/child_process.c)
target_link_libraries(test_robustness PRIVATE ws2_32)
add_dependencies(test_robustness
    prov_answer rob_case rob_helper rob_host rob_misuse rob_second rob_threads)
# Its folder has letters of several scripts, which Wine takes from the locale.
set_property(TEST wine/test_robustness APPEND PROPERTY ENVIRONMENT LC_ALL=C.UTF-8)
