// Draws the pictures of a report, switches its language, and follows light and dark. Loads nothing.
(function () {
  "use strict";
  var root = document.documentElement;
  var drawings = JSON.parse(document.getElementById("drawings").textContent);
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var language = root.dataset.lang;
  var shown = []; // things to take down before drawing again
  var turn = 0; // a slow drawing that is no longer wanted sees that the turn has passed

  // Colours that eyes of every kind can tell apart (Okabe and Ito), darkened or lightened for the page.
  var light = ["#0072B2", "#D55E00", "#00805A", "#B3568F", "#8A6A00", "#3A3A3A"];
  var night = ["#56B4E9", "#F08A3C", "#3CCB9B", "#E59AC6", "#F0E442", "#D0D0D0"];

  function isDark() { return root.dataset.scheme === "dark"; }
  function palette() { return isDark() ? night : light; }
  function tint(name) { return getComputedStyle(root).getPropertyValue(name).trim(); }

  function theme() {
    var ink = tint("--ink"), soft = tint("--soft"), line = tint("--line"), font = getComputedStyle(document.body).fontFamily;
    return {
      background: null, font: font, view: { stroke: line },
      range: { category: palette() },
      axis: { labelColor: soft, titleColor: soft, titleFontWeight: "normal", gridColor: line, domainColor: line, tickColor: line, labelFontSize: 11, titleFontSize: 12 },
      legend: { labelColor: ink, titleColor: soft, titleFontWeight: "normal", labelFontSize: 12 },
      title: { color: ink, fontSize: 13, subtitleColor: soft, subtitleFontSize: 12 },
      bar: { color: palette()[0] },
      style: { ring: { stroke: ink }, word: { fill: ink, fontSize: 11 }, end: { stroke: soft } }
    };
  }

  function drawVega(place, spec, mine) {
    var options = { ast: true, renderer: "canvas", actions: false, defaultStyle: false, config: theme(), tooltip: { disableDefaultStyle: true } };
    return vegaEmbed(place, spec, options).then(function (result) {
      if (mine !== turn) { result.finalize(); return; }
      shown.push(function () { result.finalize(); });
      place.setAttribute("role", "img");
      place.dataset.drawn = "yes";
    }, function (trouble) {
      place.textContent = String(trouble);
      place.dataset.drawn = "no";
    });
  }

  function short(value) {
    if (value === null || value === undefined) { return "–"; }
    return Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(2) : String(+value.toPrecision(4));
  }

  function drawCurves(place, data) {
    var soft = tint("--soft"), line = tint("--line"), colours = palette();
    var joined = uPlot.join(data.lines.map(function (each) { return [each.x, each.y]; }));
    var seen = {};
    var series = [{ label: data.x }].concat(data.lines.map(function (each) {
      var again = seen[each.group] === true;
      seen[each.group] = true;
      return {
        label: each.label, spanGaps: true, points: { show: false },
        stroke: each.role === "baseline" ? soft : colours[each.group % colours.length],
        width: again ? 1 : 2, dash: each.role === "baseline" ? [6, 4] : again ? [2, 3] : undefined,
        value: function (_, value) { return short(value); }
      };
    }));
    var axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, labelFont: "12px sans-serif", labelSize: 20 };
    var plot = new uPlot({
      title: data.title, width: place.clientWidth, height: 250, scales: { x: { time: false }, y: data.range ? { range: data.range } : {} }, series: series,
      axes: [Object.assign({}, axis, { label: data.x }), Object.assign({}, axis, { label: data.y, size: 62, values: function (_, ticks) { return ticks.map(short); } })]
    }, joined, place);
    shown.push(function () { plot.destroy(); });
    place.dataset.drawn = "yes";
  }

  function draw() {
    turn += 1;
    var mine = turn;
    shown.splice(0).forEach(function (take) { take(); });
    delete root.dataset.ready;
    root.dataset.scheme = dark.matches ? "dark" : "light"; // paper keeps the ground the pictures were drawn for
    var waits = [];
    document.querySelectorAll(".drawing").forEach(function (place) {
      var drawing = drawings[place.id][language];
      place.textContent = "";
      delete place.dataset.drawn;
      place.setAttribute("aria-label", place.dataset[language === "zh" ? "altZh" : "altEn"]);
      if (place.dataset.tool === "vega") { waits.push(drawVega(place, drawing, mine)); } else { drawCurves(place, drawing); }
    });
    return Promise.all(waits).then(function () { if (mine === turn) { root.dataset.ready = "yes"; } });
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
