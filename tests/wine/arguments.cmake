# The fuzzer of arguments: every export, faults and what they leave behind. Included by CMakeLists.txt,
# after its functions.
pxe_test_provider(prov_hosted ${PROVIDER_EXPORTS})
pxe_wine_program(fuzz_arguments
    arguments/blocks.c
    arguments/calls.c
    arguments/fault_catch.c
    arguments/wild.c
    ${SUPPORT}/child_process.c
    ${SUPPORT}/wdspxe_key.c)
target_include_directories(fuzz_arguments PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(fuzz_arguments PRIVATE wdsbp)
add_dependencies(fuzz_arguments prov_hosted)
add_test(NAME wine/fuzz_arguments COMMAND ${WINE_TEST} $<TARGET_FILE:fuzz_arguments>)
pxe_wine_test_properties(wine/fuzz_arguments)
# 200,000 calls, and a look at everything after each fault.
set_property(TEST wine/fuzz_arguments PROPERTY TIMEOUT 1800)
