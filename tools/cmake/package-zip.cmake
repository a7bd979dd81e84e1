# CPack runs this with the installed files in CPACK_TEMPORARY_DIRECTORY. Makes NAME.zip with all of
# them in one folder NAME, and in it SHA256SUMS. The same files make the same bytes, whoever packs
# them and when: names are sorted, no owner is noted, the time is that of source-date.cmake.
set(ENV{LC_ALL} C)
set(ENV{TZ} UTC)
find_program(ZIP zip)
find_program(TOUCH touch)
if(NOT ZIP OR NOT TOUCH)
    message(FATAL_ERROR "zip or touch is missing (tools/packages installs zip)")
endif()

include(${CMAKE_CURRENT_LIST_DIR}/source-date.cmake)
pxe_source_date(epoch)

get_filename_component(above ${CPACK_TEMPORARY_DIRECTORY} DIRECTORY)
get_filename_component(folder ${CPACK_TEMPORARY_DIRECTORY} NAME)
if(NOT folder STREQUAL CPACK_PACKAGE_FILE_NAME)
    message(FATAL_ERROR "staged in ${folder}, not in ${CPACK_PACKAGE_FILE_NAME}")
endif()

file(GLOB_RECURSE names RELATIVE ${CPACK_TEMPORARY_DIRECTORY} ${CPACK_TEMPORARY_DIRECTORY}/*)
list(REMOVE_ITEM names SHA256SUMS)
list(SORT names)
set(sums "")
set(list "")
foreach(name IN LISTS names)
    file(SHA256 ${CPACK_TEMPORARY_DIRECTORY}/${name} sum)
    string(APPEND sums "${sum}  ${name}\n")
    string(APPEND list "${folder}/${name}\n")
endforeach()
file(WRITE ${CPACK_TEMPORARY_DIRECTORY}/SHA256SUMS "${sums}")
file(CHMOD ${CPACK_TEMPORARY_DIRECTORY}/SHA256SUMS
    PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
string(APPEND list "${folder}/SHA256SUMS\n")
file(WRITE ${above}/${folder}.list "${list}")

set(zip ${above}/${folder}.zip)
file(REMOVE ${zip})
list(APPEND names SHA256SUMS)
execute_process(COMMAND ${TOUCH} -d @${epoch} ${names}
    WORKING_DIRECTORY ${CPACK_TEMPORARY_DIRECTORY} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${ZIP} -q -9 -X -D ${zip} -@
    INPUT_FILE ${above}/${folder}.list
    WORKING_DIRECTORY ${above} COMMAND_ERROR_IS_FATAL ANY)
set(CPACK_EXTERNAL_BUILT_PACKAGES ${zip})
