/* A ZIP file of plain files, not compressed: Windows before 10 has no program that makes one. */
#ifndef TESTS_KIT_ARCHIVE_H
#define TESTS_KIT_ARCHIVE_H

#include <stdbool.h>
#include <wchar.h>

/*
 * Makes a ZIP of all files of a folder and of the folders in it; folders and files that do not
 * exist are no error. folder  without a backslash at its end; its name is the top folder in the
 * ZIP. path    of the ZIP; not in that folder. Overwritten. Returns false, and leaves no file, if
 * one cannot be read or written, or if there are more than 65,535 files or 4 GiB.
 */
bool archive_make(const wchar_t *folder, const wchar_t *path);

#endif
