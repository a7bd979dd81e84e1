# pxe_source_date(VARIABLE): the time that a package is to have, in seconds: that of
# SOURCE_DATE_EPOCH, of the commit without it, or 1980 (the earliest that a ZIP can hold) without
# that.
function(pxe_source_date variable)
    set(epoch "$ENV{SOURCE_DATE_EPOCH}")
    if(epoch STREQUAL "")
        execute_process(COMMAND git log -1 --format=%ct
            WORKING_DIRECTORY ${CMAKE_CURRENT_FUNCTION_LIST_DIR}
            OUTPUT_VARIABLE epoch ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    endif()
    if(epoch STREQUAL "")
        set(epoch 315532800)
    endif()
    set(${variable} ${epoch} PARENT_SCOPE)
endfunction()
