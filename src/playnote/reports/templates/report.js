// Draws the pictures of a report, links them, switches its language, and follows light and dark. Loads nothing.
(function () {
  "use strict";
  var root = document.documentElement;
  var held = JSON.parse(document.getElementById("drawings").textContent);
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var language = root.dataset.lang;
  var shown = []; // things to take down before drawing again
  var turn = 0; // a slow drawing that is no longer wanted sees that the turn has passed
  var views = []; // {id, view, rows}: pictures of trials that can be marked
  var plots = []; // curves, drawn anew when the marked trials change
  var chosen = null; // marked trials by id, null where none are

  // Colours that eyes of every kind can tell apart (Okabe and Ito), darkened or lightened for the page.
  var light = ["#0072B2", "#D55E00", "#00805A", "#B3568F", "#8A6A00", "#3A3A3A"];
  var night = ["#56B4E9", "#F08A3C", "#3CCB9B", "#E59AC6", "#F0E442", "#D0D0D0"];

  function isDark() { return root.dataset.scheme === "dark"; }
  function palette() { return isDark() ? night : light; }
  function tint(name) { return getComputedStyle(root).getPropertyValue(name).trim(); }

  // ---- what the page holds: every column once, tables and lines by number ----
  function column(at) {
    var each = held.columns[at];
    if (each.words) { held.columns[at] = each = each.at.map(function (place) { return each.words[place]; }); }
    return each;
  }

  function rowsOf(table) {
    var names = Object.keys(table), columns = names.map(function (name) { return column(table[name]); });
    return columns[0].map(function (_, row) {
      var made = {};
      names.forEach(function (name, at) { made[name] = columns[at][row]; });
      return made;
    });
  }

  function theme() {
    var ink = tint("--ink"), soft = tint("--soft"), line = tint("--line"), font = getComputedStyle(document.body).fontFamily;
    return {
      background: null, font: font, view: { stroke: line },
      range: { category: palette() },
      axis: { labelColor: soft, titleColor: soft, titleFontWeight: "normal", gridColor: line, domainColor: line, tickColor: line, labelFontSize: 11, titleFontSize: 12 },
      legend: { labelColor: ink, titleColor: soft, titleFontWeight: "normal", labelFontSize: 12 },
      title: { color: ink, fontSize: 13, subtitleColor: soft, subtitleFontSize: 12 },
      bar: { color: palette()[0] },
      text: { color: ink },
      style: { ring: { color: ink, stroke: ink, opacity: 1 }, word: { color: ink, fill: ink, fontSize: 11 }, mark: { color: palette()[0] }, end: { color: soft, stroke: soft } },
      selection: { interval: { mark: { fill: soft, fillOpacity: 0.12, stroke: ink, strokeWidth: 1, strokeDash: [3, 2] } } }
    };
  }

  function drawVega(place, held, mine) {
    var spec = Object.assign({}, held), rows = null;
    if (held.data && held.data.table) { rows = rowsOf(held.data.table); spec.data = { values: rows }; }
    var options = { ast: true, renderer: "canvas", actions: false, defaultStyle: false, config: theme(), tooltip: { disableDefaultStyle: true } };
    return vegaEmbed(place, spec, options).then(function (result) {
      if (mine !== turn) { result.finalize(); return; }
      shown.push(function () { result.finalize(); });
      if (spec.usermeta && spec.usermeta.links) { link(place.id, result.view, rows, spec.usermeta.links); }
      place.setAttribute("role", "img");
      place.dataset.drawn = "yes";
    }, function (trouble) {
      place.textContent = String(trouble);
      place.dataset.drawn = "no";
    });
  }

  // The brush's corners in dots: Vega-Lite keeps the plain names for the same in the fields' units ("x", "y").
  var BRUSH = { x: "brush_x_1", y: "brush_y_1" };

  // ---- marking: a region of one axis plot marks its trials in all of them and among the curves ----
  function link(id, view, rows, place) {
    var one = { id: id, view: view };
    var wanted = false;
    views.push(one);
    if (chosen) { view.signal("chosen", chosen).runAsync(); }
    function look() {
      wanted = false;
      if (one.quiet) { return; }
      var x = view.signal(BRUSH.x), y = view.signal(BRUSH.y);
      if (!x || !y || x.length < 2 || y.length < 2 || x[0] === x[1] || y[0] === y[1]) { if (one.source) { one.source = false; mark(null); } return; }
      views.forEach(function (other) { if (other !== one && other.source) { release(other); } });
      one.source = true;
      mark(inside(view, rows, place, x, y));
    }
    function soon() { if (!wanted) { wanted = true; requestAnimationFrame(look); } }
    view.addSignalListener(BRUSH.x, soon);
    view.addSignalListener(BRUSH.y, soon);
  }

  function release(other) {
    other.source = false;
    other.quiet = true;
    other.view.signal(BRUSH.x, [0, 0]).signal(BRUSH.y, [0, 0]).runAsync().then(function () {
      requestAnimationFrame(function () { other.quiet = false; });
    });
  }

  function inside(view, rows, place, x, y) {
    var across = view.scale("x"), up = view.scale("y"), half = across.bandwidth ? across.bandwidth() / 2 : 0;
    var found = {}, left = Math.min(x[0], x[1]), right = Math.max(x[0], x[1]), top = Math.min(y[0], y[1]), foot = Math.max(y[0], y[1]);
    rows.forEach(function (row) {
      var a = row.off ? place.off : across(row.x) + half, b = row.diverged ? place.diverged : up(row.y);
      if (a >= left && a <= right && b >= top && b <= foot) { found[row.trial] = true; }
    });
    return found;
  }

  function mark(found) {
    chosen = found;
    views.forEach(function (each) { each.view.signal("chosen", chosen).runAsync(); });
    plots.forEach(function (plot) { plot.redraw(false); });
    document.querySelectorAll("tr[data-trial]").forEach(function (row) { row.classList.toggle("marked", !!(chosen && chosen[row.dataset.trial])); });
    tell();
  }

  function tell() {
    var n = chosen ? Object.keys(chosen).length : 0;
    root.dataset.marked = String(n);
    document.querySelectorAll("[data-count]").forEach(function (place) {
      place.textContent = place.dataset[chosen ? "count" : "none"].replace("{n}", n);
    });
    document.querySelectorAll("button[data-mark=none]").forEach(function (button) { button.disabled = !chosen; });
  }

  // The same by keyboard: the best tenth, the worst tenth, the trials that diverged.
  function pick(kind) {
    views.forEach(function (each) { if (each.source) { release(each); } });
    if (kind === "none") { mark(null); return; }
    var trials = Array.prototype.map.call(document.querySelectorAll("tr[data-trial]"), function (row) {
      return { id: row.dataset.trial, score: row.dataset.score === "" ? null : Number(row.dataset.score), diverged: row.dataset.diverged === "yes" };
    });
    var scored = trials.filter(function (each) { return each.score !== null; });
    var sign = root.dataset.direction === "maximize" ? -1 : 1, found = {};
    scored.sort(function (a, b) { return sign * (a.score - b.score); });
    var many = Math.max(1, Math.round(scored.length / 10));
    (kind === "best" ? scored.slice(0, many) : kind === "worst" ? scored.slice(-many) : trials.filter(function (each) { return each.diverged; }))
      .forEach(function (each) { found[each.id] = true; });
    mark(found);
  }

  function short(value) {
    if (value === null || value === undefined) { return "–"; }
    return Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(2) : String(+value.toPrecision(4));
  }

  // ---- curves: named lines over the cloud of every trial ----
  function numbers(text) {
    var bytes = atob(text), made = new Uint16Array(bytes.length / 2);
    for (var at = 0; at < made.length; at += 1) { made[at] = bytes.charCodeAt(2 * at) | (bytes.charCodeAt(2 * at + 1) << 8); }
    return made;
  }

  function cloudOf(place) {
    if (place === null || place === undefined) { return null; }
    var packed = column(place)[0];
    var cloud = { trials: packed.trials, groups: packed.groups, counts: packed.counts, box: packed.box, x: numbers(packed.x), y: numbers(packed.y), starts: [] };
    cloud.counts.reduce(function (sum, count, at) { cloud.starts[at] = sum; return sum + count; }, 0);
    return cloud;
  }

  function stroke(pen, plot, cloud, at) {
    var box = cloud.box, from = cloud.starts[at], to = from + cloud.counts[at], down = false;
    var x0 = plot.valToPos(box[0], "x", true), xs = (plot.valToPos(box[1], "x", true) - x0) / 65534;
    var y0 = plot.valToPos(box[2], "y", true), ys = (plot.valToPos(box[3], "y", true) - y0) / 65534;
    for (var i = from; i < to; i += 1) {
      if (cloud.y[i] === 65535) { down = false; continue; }
      var px = x0 + xs * cloud.x[i], py = y0 + ys * cloud.y[i];
      if (down) { pen.lineTo(px, py); } else { pen.moveTo(px, py); down = true; }
    }
  }

  function clipped(plot, paint) {
    var pen = plot.ctx, box = plot.bbox;
    pen.save();
    pen.beginPath();
    pen.rect(box.left, box.top, box.width, box.height);
    pen.clip();
    pen.lineJoin = "round";
    paint(pen);
    pen.restore();
  }

  function drawCloud(plot, cloud) {
    clipped(plot, function (pen) {
      pen.strokeStyle = tint("--soft");
      pen.lineWidth = devicePixelRatio;
      pen.globalAlpha = chosen ? 0.06 : Math.max(0.05, Math.min(0.35, 12 / cloud.trials.length));
      pen.beginPath();
      cloud.trials.forEach(function (_, at) { stroke(pen, plot, cloud, at); });
      pen.stroke();
    });
  }

  function drawMarked(plot, cloud) {
    var colours = palette(), n = 0, many = Object.keys(chosen).length > 20;
    clipped(plot, function (pen) {
      pen.lineWidth = (many ? 0.9 : 1.5) * devicePixelRatio;
      pen.globalAlpha = many ? 0.55 : 0.95;
      cloud.trials.forEach(function (trial, at) {
        if (!chosen[trial]) { return; }
        n += 1;
        pen.strokeStyle = colours[cloud.groups[at] % colours.length];
        pen.beginPath();
        stroke(pen, plot, cloud, at);
        pen.stroke();
      });
    });
    plot.root.dataset.marked = String(n);
  }

  function seriesOf(data) {
    var soft = tint("--soft"), colours = palette(), seen = {};
    return [{ label: data.x }].concat(data.lines.map(function (each) {
      var again = seen[each.group] === true, base = each.role === "baseline";
      seen[each.group] = true;
      return {
        label: each.label, spanGaps: true, points: { show: false },
        stroke: base ? soft : colours[each.group % colours.length],
        width: again && !base ? 1 : 2, dash: base ? [8, 4] : each.role === "worst" ? [2, 4] : undefined,
        value: function (_, value) { return short(value); }
      };
    }));
  }

  function drawCurves(place, data) {
    var soft = tint("--soft"), line = tint("--line"), cloud = cloudOf(data.cloud);
    var joined = uPlot.join(data.lines.map(function (each) { return [column(each.x), column(each.y)]; }));
    var ends = [joined[0][0], joined[0][joined[0].length - 1]];
    var font = "12px " + getComputedStyle(document.body).fontFamily;
    var axis = { stroke: soft, font: font, labelFont: font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, labelSize: 20 };
    var plot = new uPlot({
      title: data.title, width: place.clientWidth, height: 260, series: seriesOf(data),
      scales: {
        x: { time: false },
        y: { range: function (self, low, high) {
          var whole = self.scales.x.min === null || (self.scales.x.min <= ends[0] && self.scales.x.max >= ends[1]);
          if (whole && data.range) { return data.range; }
          if (low === null) { return [0, 1]; }
          var pad = 0.06 * (high - low) || 0.05 * Math.abs(high) || 1;
          return [low - pad, high + pad];
        } }
      },
      cursor: { focus: { prox: 24 } }, focus: { alpha: 0.35 },
      hooks: {
        drawAxes: [function (self) { if (cloud) { drawCloud(self, cloud); } }],
        draw: [function (self) { if (cloud && chosen) { drawMarked(self, cloud); } else { delete self.root.dataset.marked; } }]
      },
      axes: [Object.assign({}, axis, { label: data.x, size: 32 }), Object.assign({}, axis, { label: data.y, size: 62, values: function (_, ticks) { return ticks.map(short); } })]
    }, joined, place);
    plots.push(plot);
    shown.push(function () { plot.destroy(); });
    place.dataset.drawn = "yes";
  }

  // ---- drawing: what is in sight first, one picture at a time so that the page answers meanwhile ----
  var times = window.playnoteTimes = {}; // of the first drawing, in milliseconds since the page was asked for
  function timed(name) { if (!(name in times)) { times[name] = performance.now(); } }

  function draw() {
    turn += 1;
    var mine = turn;
    shown.splice(0).forEach(function (take) { take(); });
    views = [];
    plots = [];
    delete root.dataset.ready;
    root.dataset.scheme = dark.matches ? "dark" : "light"; // paper keeps the ground the pictures were drawn for
    var places = Array.prototype.slice.call(document.querySelectorAll(".drawing"));
    places.forEach(function (place) {
      place.textContent = "";
      delete place.dataset.drawn;
      place.setAttribute("aria-label", place.dataset[language === "zh" ? "altZh" : "altEn"]);
    });
    tell();
    return places.reduce(function (before, place) {
      return before.then(function () {
        if (place !== places[0]) { timed("first"); }
        if (mine !== turn) { return undefined; }
        var drawing = held.figures[place.id][language];
        if (place.dataset.tool === "vega") { return drawVega(place, drawing, mine); }
        drawCurves(place, drawing);
        return undefined;
      });
    }, Promise.resolve()).then(function () { if (mine === turn) { timed("ready"); root.dataset.ready = "yes"; } });
  }

  function speak(chosen) {
    language = chosen;
    root.dataset.lang = chosen;
    root.lang = chosen === "zh" ? "zh-CN" : "en";
    document.querySelectorAll("[data-set]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.set === chosen));
    });
  }

  document.querySelectorAll("[data-set]").forEach(function (button) {
    button.addEventListener("click", function () { speak(button.dataset.set); draw(); });
  });
  document.querySelectorAll("[data-mark]").forEach(function (button) {
    button.addEventListener("click", function () { pick(button.dataset.mark); });
  });
  dark.addEventListener("change", draw);
  var width = window.innerWidth, later = 0;
  window.addEventListener("resize", function () {
    if (window.innerWidth === width) { return; }
    width = window.innerWidth;
    clearTimeout(later);
    later = setTimeout(draw, 150);
  });
  // A Chinese reader's browser opens the page in Chinese, whichever language it was written in.
  speak((navigator.language || "").toLowerCase().indexOf("zh") === 0 ? "zh" : language);
  draw();
})();
