#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("musubi %s\n", MUSUBI_VERSION);
        return 0;
    }
    fprintf(stderr, "usage: musubi COMMAND [ARGUMENT...]\n");
    return 2;
}
