# script/test counts what suites say, and what they do not get to say.
mkdir -p script tests/suites/long build tmp
export TMPDIR=$PWD/tmp
cp "$ROOT/script/test" script/
printf '#!/bin/sh\nexit 0\n' >script/setup
suite() {
    { echo '#!/usr/bin/env bash' && cat; } >"tests/suites/$1"
    chmod +x "tests/suites/$1" script/setup
}
suite 01-tap <<'END'
echo "ok 1 - one"; echo "not ok 2 - two"; echo "# why two"; echo "ok 3 - three # SKIP no such machine"; echo "1..3"
echo "okay is no result"
exit 1
END
suite 02-silent-good </dev/null
suite 03-silent-bad <<<'echo oh; exit 3'
suite 04-stopped-early <<<'echo 1..3; echo "ok 1"; exit 0'
suite 05-bad-end <<<'echo "ok 1 - all"; exit 1'
suite 06-slow <<'END'
# timeout_s: 1
echo "ok 1 - began"; sleep 20
END
suite 07-own-folder <<'END'
cd "$TEST_TMP" && mkdir sealed && touch sealed/file && chmod 0 sealed && [ -z "${MUSUBI_DATA-}" ] && [ "$ALL" = 0 ]
END
suite long/50-long <<<'[ "$ALL" = 1 ]'
echo >tests/suites/08-not-executable
run() {
    echo "== script/test $*"
    MUSUBI_DATA=elsewhere script/test "$@" | sed 's/ *[0-9]* s$//' || echo "exit ${PIPESTATUS[0]}"
}
set -o pipefail
run --jobs 1
run --all --jobs 1 silent-good long
# Two that each wait for the other to have begun, and one that wants no other beside it.
for each in 20 21; do
    suite $each-together <<END
touch $PWD/tmp/begun-$each
for _ in \$(seq 100); do [ -e $PWD/tmp/begun-20 ] && [ -e $PWD/tmp/begun-21 ] && break; sleep 0.1; done
[ -e $PWD/tmp/begun-20 ] && [ -e $PWD/tmp/begun-21 ] && sleep 0.3 && touch $PWD/tmp/ended-$each
END
done
suite 19-together-alone <<END
# alone: it looks whether the others have ended
[ -e $PWD/tmp/ended-20 ] && [ -e $PWD/tmp/ended-21 ]
END
run --jobs 2 together | sort
rm tmp/*
suite 30-vanishes <<'END'
kill -9 "$(cut -d ' ' -f 4 "/proc/$PPID/stat")"
END
run vanishes 2>/dev/null
rm tests/suites/30-vanishes
for each in 31 32; do
    suite $each-endless <<END
trap 'touch $PWD/tmp/told-$each; exit 1' TERM
touch $PWD/tmp/begun-$each
for _ in \$(seq 600); do sleep 0.1; done
END
done
echo "== interrupted"
script/test --jobs 2 endless >said 2>&1 &
for _ in $(seq 100); do
    [ -e tmp/begun-31 ] && [ -e tmp/begun-32 ] && break
    sleep 0.1
done
kill -TERM $!
wait $! || echo "exit $?"
ls tmp
grep passed said | sed 's, *[0-9]* s$,,' | sort
rm tmp/*
run nothing-of-that-name
run --unknown
run --jobs many
echo "left behind: $(ls tmp)"
