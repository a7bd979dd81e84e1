# Providers that each break one rule, one that breaks none, and whether wdspxectl says so. Included by
# CMakeLists.txt, after its functions.
set(BAD_PROVIDERS
    bad_address_flags bad_after_end bad_bad_action bad_bad_argument bad_divide bad_done_not_pended
    bad_done_twice bad_exit bad_free_foreign bad_free_twice bad_hang bad_hlen_overflow bad_illegal bad_leak
    bad_never_done bad_no_end bad_not_sent bad_null bad_option_length bad_overrun
    bad_reply_type bad_send_after_end bad_slow bad_stack bad_stale bad_thread_fault bad_throw bad_use_after_free bad_wrong_xid)
foreach(name IN LISTS BAD_PROVIDERS ITEMS good)
    pxe_test_provider(${name} ${PROVIDER_EXPORTS})
endforeach()
# It recurses without an end, on purpose.
set_source_files_properties(${PROJECT_SOURCE_DIR}/tests/providers/bad_stack.c PROPERTIES
    COMPILE_OPTIONS "-Wno-infinite-recursion;-O0")

foreach(name IN ITEMS test_bad_providers test_fuzz)
    pxe_wine_script(${name} $<TARGET_FILE:wdspxectl> ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/providers
        ${PROJECT_SOURCE_DIR}/tests/captures)
endforeach()

# The page for authors of providers, which compiles for x64.
if(PXE_ARCHITECTURE STREQUAL x64)
    add_test(NAME wine/testing_doc
        COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/test_testing_doc.sh
            ${PROJECT_SOURCE_DIR}/docs/testing-providers.md ${PROJECT_SOURCE_DIR} ${WINE_PREFIX})
    pxe_wine_test_properties(wine/testing_doc)
endif()

# One provider with 38 ways to fail, and what becomes of the server each time.
pxe_test_provider(faulty ${PROVIDER_EXPORTS})
set_source_files_properties(${PROJECT_SOURCE_DIR}/tests/providers/faulty.c PROPERTIES
    COMPILE_OPTIONS "-Wno-infinite-recursion;-O0")
pxe_wine_script(test_faulty $<TARGET_FILE:wdspxectl> ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/providers)
set_tests_properties(wine/test_faulty PROPERTIES TIMEOUT 2400)
