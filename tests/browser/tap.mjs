// Results as TAP, for script/test.
let number = 0;

export function ok(name, problems = []) {
  number += 1;
  const list = [].concat(problems).filter(Boolean);
  console.log(`${list.length ? 'not ok' : 'ok'} ${number} - ${name}`);
  for (const line of list.slice(0, 20)) console.log(`# ${String(line).replaceAll('\n', '\n# ')}`);
  if (list.length > 20) console.log(`# and ${list.length - 20} more`);
  return list.length === 0;
}

// What cannot be tried here, and why.
export function skip(name, reason) {
  number += 1;
  console.log(`ok ${number} - ${name} # SKIP ${reason}`);
}

export function done() {
  console.log(`1..${number}`);
}
