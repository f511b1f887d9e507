/* Runs a fuzzer once over every file and over every file of every folder it is given: no fuzzing, only the corpus. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return -1;
    }
    int result = -1;
    struct stat status;
    if (fstat(fileno(file), &status) == 0) {
        /* Exactly as large as the input, so that the address sanitizer sees the first byte read beyond it. */
        size_t size = (size_t)status.st_size;
        uint8_t *data = malloc(size ? size : 1);
        if (data && fread(data, 1, size, file) == size) {
            LLVMFuzzerTestOneInput(data, size);
            result = 0;
        }
        free(data);
    }
    fclose(file);
    return result;
}

static int replay_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder) {
        return replay_file(path);
    }
    int result = 0;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        char name[4096];
        int length = snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && length < (int)sizeof(name) && replay_file(name) < 0) {
            result = -1;
        }
    }
    closedir(folder);
    return result;
}

int main(int argc, char **argv)
{
    int result = 0;
    for (int i = 1; i < argc; i++) {
        if (replay_folder(argv[i]) < 0) {
            result = 1;
        }
    }
    return result;
}
