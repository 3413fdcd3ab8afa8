// The canvas of draw_digit.py. Draw with mouse, pen, finger or keyboard; the ink goes to Python as
// bytes, and what the network says of it comes back.
const SIZE = 168, WIDTH = 13, EVERY = 150;   // pixels, pixels, milliseconds
const STEP = 8, ARROWS = {                   // pixels
  ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP],
};

function element(kind, style, parent) {
  const made = document.createElement(kind);
  Object.assign(made.style, style);
  parent.appendChild(made);
  return made;
}

function render({ model, el }) {
  const box = element("div", { display: "flex", gap: "24px", flexWrap: "wrap" }, el);
  const left = element("div", {}, box);
  const canvas = element("canvas", {
    width: "252px", height: "252px", border: "1px solid #666", touchAction: "none",
    cursor: "crosshair", display: "block", background: "white",
  }, left);
  canvas.width = canvas.height = SIZE;
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", "Field to draw a digit in, with mouse, pen or finger. With the "
    + "keyboard: arrows move the pen, Space puts it down or lifts it, Delete clears the field");
  const held = element("div", { position: "relative", width: "252px" }, left);
  held.appendChild(canvas);
  const dot = element("span", {              // where the pen of the keyboard is
    position: "absolute", width: "9px", height: "9px", borderRadius: "50%", display: "none",
    background: "#d55e00", border: "2px solid white", pointerEvents: "none",
  }, held);
  const clear = element("button", { marginTop: "6px" }, left);
  clear.textContent = "Clear";
  const seen = element("canvas", {
    width: "112px", height: "112px", border: "1px solid #666", imageRendering: "pixelated",
    background: "white",
  }, element("div", {}, box));
  seen.width = seen.height = 28;
  seen.setAttribute("role", "img");
  seen.setAttribute("aria-label", "What the network sees: 28 by 28 pixels");
  element("div", { fontSize: "12px" }, seen.parentElement).textContent = "what the network sees";
  const right = element("div", { minWidth: "190px" }, box);
  const bars = [...Array(10).keys()].map((digit) => {
    const row = element("div", { display: "flex", alignItems: "center", height: "22px" }, right);
    element("span", { width: "16px" }, row).textContent = digit;
    const bar = element("span", { height: "14px", background: "#56b4e9" }, row);
    return { bar, label: element("span", { marginLeft: "6px", fontSize: "12px" }, row) };
  });
  const verdict = element("p", {}, el);
  verdict.setAttribute("role", "status");

  const ink = canvas.getContext("2d", { willReadFrequently: true });
  let last = null, timer = null;

  function send() {
    timer = null;
    const { data } = ink.getImageData(0, 0, SIZE, SIZE);
    const bytes = new Uint8Array(SIZE * SIZE);
    for (let k = 0; k < bytes.length; k++) bytes[k] = 255 - data[4 * k];
    model.set("drawing", new DataView(bytes.buffer));
    model.save_changes();
  }
  const sendSoon = () => { timer ??= setTimeout(send, EVERY); };

  function wipe() {
    ink.fillStyle = "white";
    ink.fillRect(0, 0, SIZE, SIZE);
    Object.assign(ink, { lineWidth: WIDTH, lineCap: "round", lineJoin: "round" });
  }
  function place(event) {
    const frame = canvas.getBoundingClientRect();
    return [(event.clientX - frame.left) * SIZE / frame.width,
            (event.clientY - frame.top) * SIZE / frame.height];
  }
  function lineTo(point) {
    ink.beginPath();
    ink.moveTo(...last);
    ink.lineTo(...point);
    ink.stroke();
    last = point;
    sendSoon();
  }
  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    event.stopPropagation();
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    lineTo(last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) lineTo(place(one));
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(kind, () => { last = null; });
  }
  clear.addEventListener("click", () => { wipe(); send(); });

  const pen = { at: [SIZE / 2, SIZE / 2], down: false };
  function showPen() {
    dot.style.display = document.activeElement === canvas ? "block" : "none";
    dot.style.left = `${pen.at[0] * 252 / SIZE - 6}px`;
    dot.style.top = `${pen.at[1] * 252 / SIZE - 6}px`;
    dot.style.background = pen.down ? "#d55e00" : "#666666";
  }
  function drawTo(point) {
    last = pen.at;
    lineTo(point);
    last = null;
  }
  canvas.addEventListener("keydown", (event) => {
    const move = ARROWS[event.key];
    if (move) {
      const to = pen.at.map((v, k) => Math.min(SIZE, Math.max(0, v + move[k])));
      if (pen.down) drawTo(to);
      pen.at = to;
    } else if (event.key === " ") {
      pen.down = !pen.down;
      if (pen.down) drawTo(pen.at);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      wipe();
      send();
    } else return;                           // Tab goes on to the next thing
    event.preventDefault();
    event.stopPropagation();                 // or JupyterLab takes the key for itself
    showPen();
  });
  canvas.addEventListener("focus", showPen);
  canvas.addEventListener("blur", () => { pen.down = false; showPen(); });

  function show() {
    const pixels = model.get("seen"), picture = new ImageData(28, 28);
    for (let k = 0; k < 784; k++) {
      const grey = 255 - (pixels.byteLength ? pixels.getUint8(k) : 0);
      picture.data.set([grey, grey, grey, 255], 4 * k);
    }
    seen.getContext("2d").putImageData(picture, 0, 0);
    const p = model.get("probabilities");
    bars.forEach(({ bar, label }, digit) => {
      bar.style.width = `${130 * (p[digit] ?? 0)}px`;
      bar.style.background = p[digit] === Math.max(...p) ? "#0072b2" : "#56b4e9";
      label.textContent = p.length ? `${(100 * p[digit]).toFixed(0)} %` : "";
    });
    verdict.textContent = model.get("sentence");
  }
  // All three change together, and the sentence last.
  model.on("change:sentence", show);
  model.on("change:seen", show);
  model.on("change:probabilities", show);
  wipe();
  show();
  return () => { clearTimeout(timer); };
}

export default { render };
