// Follows a round: the first state stands in the page, the rest comes as server-sent events from this server alone.
(function () {
  "use strict";
  var place = document.getElementById("live");
  if (!place) { return; }
  var first = JSON.parse(document.getElementById("first").textContent);
  var root = document.documentElement;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var lines = new Map(); // trial -> {x: [...], y: [...], state: "running" | outcome}
  var trials = new Map();
  var plot = null, metric = first.now.metric, waiting = false, shown = "";
  var light = ["#0072B2", "#D55E00", "#00805A", "#B3568F", "#8A6A00", "#3A3A3A"];
  var night = ["#56B4E9", "#F08A3C", "#3CCB9B", "#E59AC6", "#F0E442", "#D0D0D0"];
  var by = first.by, down = first.direction === "minimize"; // by: the compared hyperparameter and its values, or null

  // Which of the compared values a trial has; where nothing is compared, whether it runs.
  function kind(name) {
    var trial = trials.get(name);
    if (!trial) { return 0; }
    return by ? Math.max(0, by.values.indexOf(trial.configuration[by.name])) : trial.running ? 0 : 1;
  }
  function best() {
    var found = null;
    trials.forEach(function (trial) {
      if (trial.score !== null && lines.has(trial.id) && (!found || (down ? trial.score < found.score : trial.score > found.score))) { found = trial; }
    });
    return found ? found.id : null;
  }
  function key(colours) {
    var here = document.getElementById("key");
    here.textContent = "";
    (by ? by.values.map(function (value) { return by.name + " " + (typeof value === "number" ? short(value) : String(value)); }) : [word("Running"), word("Over")]).forEach(function (said, at) {
      var part = document.createElement("span"), mark = document.createElement("i");
      part.className = "setting";
      mark.className = "mark";
      mark.style.background = colours[at % colours.length];
      part.append(mark, " " + said);
      here.append(part, " ");
    });
  }

  function tint(name) { return getComputedStyle(root).getPropertyValue(name).trim(); }
  function word(name) { return place.dataset["word" + name]; }
  function short(value) {
    if (value === null || value === undefined) { return "–"; }
    return Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(2) : String(+value.toPrecision(4));
  }
  function outcome(trial) {
    if (trial.outcome) { return first.outcomes[trial.outcome] || trial.outcome; }
    return trial.running ? word("Running") : word("Waiting");
  }
  function counted(name) { return first.outcomes[name] || (name === "running" ? word("Running") : name === "waiting" ? word("Waiting") : name); }

  function take(news) {
    news.trials.forEach(function (trial) { trials.set(trial.id, trial); row(trial); });
    Object.keys(news.points).forEach(function (name) {
      var line = lines.get(name) || { x: [], y: [] };
      var points = news.points[name];
      for (var at = 0; at < points[0].length; at += 1) { line.x.push(points[0][at]); line.y.push(points[1][at]); }
      lines.set(name, line);
    });
    numbers(news);
    warnings(news.warnings);
    soon();
  }

  function row(trial) {
    var found = document.querySelector('#trials tr[data-trial="' + CSS.escape(trial.id) + '"]');
    if (!found) { found = added(trial); }
    var said = outcome(trial), score = short(trial.score);
    if (found.querySelector(".outcome").textContent !== said) {
      found.querySelector(".outcome").textContent = said;
      found.classList.add("moved");
      setTimeout(function () { found.classList.remove("moved"); }, 2500);
    }
    found.querySelector(".score").textContent = score;
  }

  function added(trial) {
    var line = document.createElement("tr"), name = document.createElement("th");
    line.dataset.trial = trial.id;
    name.scope = "row";
    name.textContent = trial.id;
    line.appendChild(name);
    ["outcome", "num score", ""].forEach(function (kind) { var cell = document.createElement("td"); cell.className = kind; line.appendChild(cell); });
    Object.keys(trial.configuration).forEach(function (key) {
      var part = document.createElement("span"), value = document.createElement("b");
      part.className = "setting";
      value.textContent = typeof trial.configuration[key] === "number" ? short(trial.configuration[key]) : String(trial.configuration[key]);
      part.append(key + " ", value);
      line.lastChild.append(part, " ");
    });
    document.getElementById("trials").appendChild(line);
    return line;
  }

  function numbers(news) {
    var bar = document.getElementById("bar"), left = document.getElementById("left"), counts = document.getElementById("counts");
    bar.max = news.planned;
    bar.value = news.planned - news.left;
    left.textContent = (news.left ? left.dataset.some : left.dataset.none).replace("{left}", news.left).replace("{planned}", news.planned);
    counts.textContent = "";
    Object.keys(news.counts).forEach(function (name) {
      var part = document.createElement("span"), value = document.createElement("b");
      part.className = "setting";
      value.textContent = String(news.counts[name]);
      part.append(counted(name) + " ", value);
      counts.append(part, " ");
    });
  }

  function warnings(all) {
    var said = JSON.stringify(all);
    if (said === shown) { return; }
    shown = said;
    var list = document.getElementById("warnings");
    list.textContent = "";
    (all.length ? all : [null]).forEach(function (each) {
      var item = document.createElement("li");
      item.textContent = each === null ? word("None") : each[root.dataset.lang];
      if (each === null) { item.className = "small"; }
      list.appendChild(item);
    });
  }

  // At most four drawings a second however fast the news comes: drawing is what costs.
  function soon() {
    if (waiting) { return; }
    waiting = true;
    setTimeout(function () { waiting = false; draw(false); }, plot ? 250 : 0);
  }

  function range(joined) {
    var last = joined[0].length ? joined[0][joined[0].length - 1] : 0, all = [];
    lines.forEach(function (line) {
      for (var at = 0; at < line.x.length; at += 1) {
        if (line.y[at] !== null && (line.x[at] >= last / 4 || line.x.length <= 4)) { all.push(line.y[at]); }
      }
    });
    if (!all.length) { return [0, 1]; }
    all.sort(function (a, b) { return a - b; });
    // The good end whole; of the bad end what is far off the rest is cut, and said to be.
    var low = all[0], high = all[all.length - 1], far = Math.floor(all.length * 0.1), cut = false;
    if (down && high - all[all.length - 1 - far] > all[all.length - 1 - far] - low) { high = all[all.length - 1 - far]; cut = true; }
    if (!down && all[far] - low > high - all[far]) { low = all[far]; cut = true; }
    document.getElementById("cut").hidden = !cut;
    var pad = (high - low || Math.abs(high) || 1) * 0.06;
    return [low - pad, high + pad];
  }

  function draw(anew) {
    if (!lines.size) { return; }
    var here = document.getElementById("curves"), names = Array.from(lines.keys());
    var joined = uPlot.join(names.map(function (name) { return [lines.get(name).x, lines.get(name).y]; }));
    var top = best(), looks = names.map(kind).join("") + top;
    if (plot && !anew && plot.names === names.join() && plot.looks === looks) {
      plot.setData(joined, false);
      plot.batch(function () { plot.setScale("x", { min: joined[0][0], max: joined[0][joined[0].length - 1] }); });
      here.dataset.points = String(count());
      return;
    }
    if (plot) { plot.destroy(); }
    here.textContent = "";
    var colours = dark.matches ? night : light, soft = tint("--soft"), grid = tint("--line");
    var axis = { stroke: soft, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, labelFont: "12px sans-serif", labelSize: 20 };
    var series = [{ label: word("Steps") }].concat(names.map(function (name) {
      return { label: name, stroke: colours[kind(name) % colours.length], width: name === top ? 3 : 1.2, alpha: name === top ? 1 : 0.65, spanGaps: true, points: { show: lines.get(name).x.length < 3 }, value: function (_, value) { return short(value); } };
    }));
    plot = new uPlot({
      width: here.clientWidth, height: 280, scales: { x: { time: false }, y: { range: function (self) { return range(self.data); } } }, series: series,
      legend: { show: names.length <= 12 }, cursor: { focus: { prox: 24 } }, focus: { alpha: 0.25 },
      axes: [Object.assign({}, axis, { label: word("Steps") }), Object.assign({}, axis, { label: metric, size: 62, values: function (_, ticks) { return ticks.map(short); } })]
    }, joined, here);
    plot.names = names.join();
    plot.looks = looks;
    key(colours);
    here.dataset.drawn = "yes";
    here.dataset.points = String(count());
  }
  function count() { var sum = 0; lines.forEach(function (line) { sum += line.x.length; }); return sum; }

  function follow() {
    var source = new EventSource(place.dataset.events), tag = document.getElementById("connection"), begun = false;
    source.addEventListener("news", function (event) {
      var news = JSON.parse(event.data);
      if (news.first) { lines.clear(); begun = true; }
      tag.textContent = word("Live");
      take(news);
    });
    source.addEventListener("over", function () {
      source.close();
      tag.textContent = word("Over");
      if (begun) { document.getElementById("fresh").hidden = false; }
      root.dataset.live = "over";
    });
    source.addEventListener("trouble", function () { source.close(); tag.textContent = word("Stopped"); root.dataset.live = "stopped"; });
    source.onerror = function () { if (source.readyState === EventSource.CLOSED) { tag.textContent = word("Stopped"); root.dataset.live = "stopped"; } };
  }

  take(first.now);
  draw(true);
  dark.addEventListener("change", function () { draw(true); });
  var width = window.innerWidth;
  window.addEventListener("resize", function () { if (window.innerWidth !== width) { width = window.innerWidth; draw(true); } });
  root.dataset.ready = "yes";
  if (place.dataset.over !== "yes") { follow(); }
})();
