# Man pages and completions, in ${PXE_MANUALS}: manN, gz/manN, completions. Target `manuals`.
find_program(PYTHON3 NAMES python3 REQUIRED)
set(PXE_MANUALS ${PROJECT_BINARY_DIR}/manuals)
set(maker ${PROJECT_SOURCE_DIR}/tools/manuals)
add_custom_command(OUTPUT ${PXE_MANUALS}.stamp
    COMMAND ${PYTHON3} -B ${maker}/manuals.py make ${PROJECT_VERSION} ${PXE_MANUALS}
    COMMAND ${CMAKE_COMMAND} -E touch ${PXE_MANUALS}.stamp
    DEPENDS ${maker}/manuals.py ${maker}/pages.py ${maker}/completions.py
        ${PROJECT_SOURCE_DIR}/tools/wdspxectl/commands.json
        ${PROJECT_SOURCE_DIR}/docs/staticpxe.md
        ${PROJECT_SOURCE_DIR}/include/wdspxe.h
    VERBATIM)
add_custom_target(manuals DEPENDS ${PXE_MANUALS}.stamp)
set(PXE_MAN_SECTIONS 3 5 8)
