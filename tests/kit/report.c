#include "report.h"

#include <stdarg.h>
#include <stdio.h>

static FILE *file;
static unsigned counts[3];
static const char *const words[] = {"passed ", "FAILED ", "skipped"};

bool report_open(const wchar_t *path)
{
    file = _wfopen(path, L"w");
    return file != NULL;
}

static void write_line(const char *line)
{
    puts(line);
    fflush(stdout);
    fprintf(file, "%s\n", line);
    fflush(file);
}

void report_say(const char *format, ...)
{
    char line[512];
    va_list values;

    va_start(values, format);
    vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    write_line(line);
}

void report_step(enum verdict verdict, const char *name, const char *format, ...)
{
    char told[400], line[512];
    va_list values;

    va_start(values, format);
    vsnprintf(told, sizeof(told), format, values);
    va_end(values);
    counts[verdict]++;
    snprintf(line, sizeof(line), "%s  %-34s  %s", words[verdict], name, told);
    write_line(line);
}

unsigned report_failures(void)
{
    return counts[FAILED];
}

void report_close(void)
{
    report_say("%u passed, %u failed, %u skipped", counts[PASSED], counts[FAILED], counts[SKIPPED]);
    fclose(file);
}
