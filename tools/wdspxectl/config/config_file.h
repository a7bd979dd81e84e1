/* "config export" and "config import": the settings as registry files. */
#ifndef WDSPXECTL_CONFIG_CONFIG_FILE_H
#define WDSPXECTL_CONFIG_CONFIG_FILE_H

#include "cli/command.h"

extern const struct option_spec config_export_options[];
extern const struct option_spec config_import_options[];

enum exit_code config_export_run(const struct arguments *arguments);
enum exit_code config_import_run(const struct arguments *arguments);

#endif
