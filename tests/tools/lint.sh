# Every house rule finds its breach, and only that.
git init -q .
mkdir -p tools src/base src/store
cp "$ROOT"/tools/floors.txt tools/
echo '{"packages": {"node_modules/x": {"version": "1.0.0", "resolved": "elsewhere"}}}' >package-lock.json
cat >tools/lint-exceptions.txt <<'END'
# an exception that holds, one with another measure, one that nothing needs
complexity src/store/knotty.c:granted 16
complexity src/store/knotty.c:grown 16
function src/store/knotty.c:gone 80
END
printf 'same.txt: echo same\nother.txt: echo new\nbroken.txt: echo no >&2; false\n' >tools/generated.txt
echo same >same.txt
echo old >other.txt
echo >broken.txt

cat >src/base/upward.c <<'END'
#include "store/knotty.h"
#include "upward.h"
#include <string.h>

/* strcpy() in a comment, "strcat(" in a literal and a member of that name are nobody's business. */
void upward(struct list *list)
{
    list->system("strcat(");
    strcpy(list->name, "x");
}
END
printf 'int unfinished; // TO%s and a blank \n\tint tab;' DO >src/base/untidy.h

body() {
    printf 'int %s(int a)\n{\n' "$1"
    for _ in $(seq "$2"); do echo "    $3"; done
    printf '}\n\n'
}
{
    body short 67 'a++;'
    body long_one 68 'a++;'
    body plain 14 'if (a) { a++; }'
    body granted 15 'a = a && 1;'
    body grown 16 'a = a ? 1 : 0;'
} >src/store/knotty.c
yes '' | head -n 600 >src/store/tall.h
git add .
"$ROOT/tools/lint.py" .
