// Moves the map without a new page: wheel, drag, pinch, keys. The server draws every view; this only asks for it, puts it in place
// of the one before and keeps the address. Without it the buttons are a form.
(() => {
  'use strict';
  const ZOOM_MAX = 8;
  const WAIT_MS = 220;
  let part = document.getElementById('map-part');
  if (!part || !window.DOMParser) return;
  // On a site published as files nobody here draws another view: the form is not there, or leads to the live site.
  const moves = part.querySelector('#map-view');
  if (!moves || new URL(moves.action).origin !== location.origin) return;

  let view = null; // what is asked for: {lat, lon, zoom}
  let timer = 0;
  let asking = null;

  const number = (name) => parseFloat(part.dataset[name]);
  const drawn = () => ({ lat: number('lat'), lon: number('lon'), zoom: number('zoom') });
  const svg = () => part.querySelector('svg');
  const size = () => svg().viewBox.baseVal;
  const clamp = (x, least, most) => Math.min(Math.max(x, least), most);
  const text = (v) => `${v.lat.toFixed(4)},${v.lon.toFixed(4)},${v.zoom}`;

  // How the picture that is there looks under the view that is asked for.
  function preview() {
    const was = drawn();
    const times = 2 ** (view.zoom - was.zoom);
    const width = 640 / times;
    const height = number('height') / times;
    const x = 320 + (view.lon - was.lon) * number('xScale') - width / 2;
    const y = number('height') / 2 - (view.lat - was.lat) * number('yScale') - height / 2;
    svg().setAttribute('viewBox', `${x.toFixed(2)} ${y.toFixed(2)} ${width.toFixed(2)} ${height.toFixed(2)}`);
  }

  function address(value) {
    const form = new FormData(part.querySelector('#map-view'));
    const query = new URLSearchParams();
    for (const [name, entry] of form) if (name !== 'view') query.append(name, entry);
    if (value) query.append('view', value);
    return `${location.pathname}?${query}`;
  }

  async function ask(value, focus) {
    const url = address(value);
    if (asking) asking.abort();
    asking = new AbortController();
    part.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(url, { signal: asking.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const next = page.getElementById('map-part');
      if (!next) throw new Error('no map');
      history.replaceState(null, '', url);
      part.replaceWith(next);
      part = next;
      view = null;
      begin();
      for (const field of document.querySelectorAll('#map-filters input[name=view]')) field.value = value;
      const language = document.querySelector('.language-switch a');
      if (language) language.search = new URL(url, location.href).search;
      part.querySelector('.map-state').textContent = part.querySelector('.map-lists h2').textContent + ': ' +
        part.querySelectorAll('.map-lists a').length;
      if (focus === 'stage') part.querySelector('#map-stage').focus({ preventScroll: true });
      else if (focus) [...part.querySelectorAll('#map-view button')].find((b) => b.title === focus && !b.disabled)?.focus();
    } catch (problem) {
      if (problem.name !== 'AbortError') location.assign(url);
    }
  }

  function move(change, focus) {
    const from = view || drawn();
    view = { lat: from.lat, lon: from.lon, zoom: from.zoom, ...change(from) };
    view.zoom = clamp(view.zoom, 0, ZOOM_MAX);
    view.lat = clamp(view.lat, -85, 85);
    preview();
    clearTimeout(timer);
    timer = setTimeout(() => ask(text(view), focus), WAIT_MS);
  }

  // Degrees a pixel of the screen stands for, in the view that is asked for.
  function scale() {
    const units = 640 / svg().getBoundingClientRect().width / 2 ** ((view || drawn()).zoom - drawn().zoom);
    return { lon: units / number('xScale'), lat: units / number('yScale') };
  }

  function zoomAt(by, x, y, focus) {
    const box = svg().getBoundingClientRect();
    const from = view || drawn();
    if (clamp(from.zoom + by, 0, ZOOM_MAX) === from.zoom) return;
    const degrees = scale();
    const keep = 1 - 0.5 ** by;
    const dx = x === undefined ? 0 : x - box.left - box.width / 2;
    const dy = y === undefined ? 0 : y - box.top - box.height / 2;
    move(() => ({ zoom: from.zoom + by, lon: from.lon + dx * degrees.lon * keep, lat: from.lat - dy * degrees.lat * keep }), focus);
  }

  function pan(dx, dy, focus) {
    const degrees = scale();
    move((from) => ({ lon: from.lon - dx * degrees.lon, lat: from.lat + dy * degrees.lat }), focus);
  }

  function keys(event) {
    const step = svg().getBoundingClientRect().width / 6;
    const acts = {
      ArrowLeft: () => pan(step, 0, 'stage'), ArrowRight: () => pan(-step, 0, 'stage'),
      ArrowUp: () => pan(0, step, 'stage'), ArrowDown: () => pan(0, -step, 'stage'),
      '+': () => zoomAt(1, undefined, undefined, 'stage'), '=': () => zoomAt(1, undefined, undefined, 'stage'),
      '-': () => zoomAt(-1, undefined, undefined, 'stage'), 0: () => ask('', 'stage'),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !acts[event.key] || event.target !== event.currentTarget) return;
    event.preventDefault();
    acts[event.key]();
  }

  // Drag with one pointer, pinch with two.
  function pointers(stage) {
    const down = new Map();
    let moved = 0;
    let apart = 0;
    stage.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      down.set(event.pointerId, { x: event.clientX, y: event.clientY });
      moved = down.size > 1 ? 99 : 0;
      apart = 0;
    });
    stage.addEventListener('pointermove', (event) => {
      const was = down.get(event.pointerId);
      if (!was) return;
      const dx = event.clientX - was.x;
      const dy = event.clientY - was.y;
      if (down.size === 1) {
        moved += Math.hypot(dx, dy);
        if (moved < 5) return;
        if (!stage.hasPointerCapture(event.pointerId)) stage.setPointerCapture(event.pointerId);
        pan(dx, dy, 'stage');
      }
      down.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (down.size === 2) {
        const [a, b] = [...down.values()];
        const distance = Math.hypot(a.x - b.x, a.y - b.y);
        if (apart === 0) apart = distance;
        if (distance > apart * 1.5 || distance < apart / 1.5) {
          zoomAt(distance > apart ? 1 : -1, (a.x + b.x) / 2, (a.y + b.y) / 2, 'stage');
          apart = distance;
        }
      }
    });
    const up = (event) => down.delete(event.pointerId);
    stage.addEventListener('pointerup', up);
    stage.addEventListener('pointercancel', up);
    stage.addEventListener('click', (event) => {
      if (moved >= 5) event.preventDefault();
    }, true);
    stage.addEventListener('dragstart', (event) => event.preventDefault());
  }

  let turned = 0;
  function begin() {
    const stage = part.querySelector('#map-stage');
    part.dataset.height = String(size().height);
    stage.tabIndex = 0;
    stage.setAttribute('role', 'group');
    stage.setAttribute('aria-label', part.dataset.keys);
    stage.classList.add('live');
    stage.addEventListener('keydown', keys);
    stage.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== stage) return; // the page scrolls, unless the map is in use
      event.preventDefault();
      turned += event.deltaY;
      if (Math.abs(turned) < 60) return;
      zoomAt(turned < 0 ? 1 : -1, event.clientX, event.clientY, document.activeElement === stage ? 'stage' : '');
      turned = 0;
    }, { passive: false });
    stage.addEventListener('pointerdown', () => stage.focus({ preventScroll: true }));
    pointers(stage);
  }

  document.addEventListener('submit', (event) => {
    const button = event.submitter;
    if (event.target.id !== 'map-view' || !button || button.name !== 'view') return;
    event.preventDefault();
    ask(button.value, button.title || 'stage');
  });
  begin();
})();
