/*
 * The plain program of every fuzz target: replays the files and directories in argv; fails if it
 * replayed nothing.
 */
#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzzer.h"

static unsigned long replayed;

static bool replay_file(const char *path)
{
    static uint8_t buffer[1 << 20];
    FILE *file = fopen(path, "rb");

    if (!file) {
        perror(path);
        return false;
    }
    size_t size = fread(buffer, 1, sizeof(buffer), file);
    fclose(file);

    uint8_t *exact = (uint8_t *)malloc(size); /* so that a sanitizer sees its end */
    if (size > 0) {
        if (exact == NULL) {
            abort();
        }
        memcpy(exact, buffer, size);
    }
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    replayed++;
    return true;
}

static bool replay_directory(const char *path)
{
    DIR *directory = opendir(path);
    bool is_good = directory != NULL;
    const struct dirent *entry;

    if (!directory) {
        perror(path);
        return false;
    }
    while (is_good && (entry = readdir(directory)) != NULL) {
        char file[4096];

        if (entry->d_name[0] == '.') {
            continue;
        }
        int written = snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        is_good = written > 0 && (size_t)written < sizeof(file) && replay_file(file);
    }
    closedir(directory);
    return is_good;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct stat info;
        bool is_directory = stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode);

        if (!(is_directory ? replay_directory(argv[i]) : replay_file(argv[i]))) {
            return 1;
        }
    }
    printf("%lu inputs replayed\n", replayed);
    return replayed > 0 ? 0 : 1;
}
