/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The drawing of one finding: memory upwards, time to the right. Both operations are boxes from
 * post to end over the bytes they own; where the boxes meet, both owned the same bytes at the same
 * time. Other operations on that memory are drawn faintly. A strip below shows when each of the two
 * was in flight, for the many cases where both cover the same bytes.
 */

const PLOT = {left: 148, right: 20, top: 30, memory: 264, axis: 30, lane: 22, lanes: 2, bottom: 10};
const PAPER_MEMORY = 120; /* height of the memory on paper */
const ZOOM_STEP = 1.35;
const ZOOM_LIMIT = 1e7;

class Plot {
    constructor(finding, options) {
        this.finding = finding;
        this.model = plotModel(finding);
        this.options = options || {};
        this.memory = this.options.still ? PAPER_MEMORY : PLOT.memory;
        this.active = -1;
        this.id = 'plot' + (++Plot.count);
        this.scale = new TimeScale(this.model, false);
        this.home = viewOfPair(this.model, this.scale);
        this.view = {...this.home};
        this.build();
    }

    build() {
        const overlapWords = this.describe();
        this.svg = s('svg', {class: 'plot', tabindex: this.options.still ? null : '0',
                             role: 'group', 'aria-roledescription': 'drawing',
                             'aria-label': overlapWords});
        this.tip = h('div', {class: 'tip', hidden: true});
        this.live = h('p', {class: 'out-of-sight', 'aria-live': 'polite'});
        this.scope = h('span', {class: 'plot-scope muted'});
        const button = (text, label, action) =>
            h('button', {type: 'button', 'aria-label': text.length > 1 ? null : label,
                         title: label, onclick: action}, text);
        const tools = h('div', {class: 'plot-tools', role: 'toolbar', 'aria-label': 'Drawing'},
            button('\u2212', 'Zoom out (-)', () => this.zoom(1 / ZOOM_STEP)),
            button('+', 'Zoom in (+)', () => this.zoom(ZOOM_STEP)),
            button('Pair', 'Show both operations (0)', () => this.reset()),
            button('Overlap', 'Zoom to what they share (o)', () => this.show(viewOfOverlap)),
            this.model.around.length
                ? button('All', 'Show the operations around, too (a)', () => this.show(viewOfAll))
                : null);
        this.linear = this.scale.cuts.length
            ? button('Linear', 'Draw time without cuts (l)', () => this.toggleLinear()) : null;
        if (this.linear) {
            this.linear.setAttribute('aria-pressed', 'false');
            tools.append(this.linear);
        }
        this.element = h('figure', {class: 'drawing'},
            h('figcaption', null, h('b', null, 'Memory over time'), this.scope,
                this.options.still ? null : tools),
            h('div', {class: 'plot-box'}, this.svg, this.tip), this.legend(), this.live);
        if (!this.options.still)
            this.listen();
    }

    describe() {
        const {overlap} = this.model;
        return 'Memory over time. ' + this.model.pair.map((op) => describeOp(op, this.model))
            .join('. ') + '. They share ' + bytes(overlap.length) + ' at ' +
            this.finding.overlap.start + (overlap.to === Infinity ? ', neither is known to have ' +
            'ended.' : ' for ' + duration(overlap.to - overlap.from) + '.');
    }

    legend() {
        const key = (name, text) => h('span', null, h('i', {class: 'key key-' + name}), text);
        return h('p', {class: 'legend'}, key('first', '1 first operation'),
            key('second', '2 second operation'), key('overlap', 'owned by both'),
            this.model.around.length
                ? key('around', plural(this.model.around.length, 'other operation')) : null,
            key('post', 'post'), key('end', 'end'), key('open', 'no end in the trace'));
    }

    /* Draws for the width that the element has now. */
    draw() {
        const width = Math.max(this.options.width || this.svg.parentNode.clientWidth, 420);
        const p = PLOT;
        const narrow = width < 640;
        this.left = narrow ? 120 : p.left;
        this.width = width;
        this.plotWidth = width - this.left - p.right;
        const lanesTop = p.top + this.memory + p.axis;
        const height = lanesTop + p.lanes * p.lane + p.bottom;
        this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
        this.svg.setAttribute('width', width);
        this.svg.setAttribute('height', height);
        this.svg.replaceChildren(this.defs(lanesTop), this.grid(lanesTop), this.bands(lanesTop),
            s('g', {'clip-path': `url(#${this.id}-memory)`}, this.around(), this.pairBoxes(),
                this.overlapBox(), this.pairMarks()),
            this.addressLabels(), this.lanes(lanesTop), this.cuts(lanesTop), this.flags(),
            this.edges());
        this.scope.textContent = this.scopeText();
        this.mark();
    }

    x(time) {
        const at = (this.scale.drawn(time) - this.view.x0) / (this.view.x1 - this.view.x0) *
            this.plotWidth;
        return this.left + Math.min(Math.max(at, -1e4), this.plotWidth + 1e4);
    }

    y(offset) {
        const at = (offset - this.view.y0) / (this.view.y1 - this.view.y0) * this.memory;
        return PLOT.top + this.memory - Math.min(Math.max(at, -1e4), this.memory + 1e4);
    }

    /* At least as large as can be seen and hit. */
    box(op, least) {
        const open = op.ended === null;
        const x0 = this.x(op.posted);
        const x1 = open ? this.left + this.plotWidth + 40 : this.x(op.ended);
        const y0 = this.y(op.start + op.length);
        const y1 = this.y(op.start);
        const grow = Math.max(0, least - (y1 - y0)) / 2;
        return {x: x0, y: y0 - grow, width: Math.max(x1 - x0, least), height: y1 - y0 + 2 * grow,
                open};
    }

    defs(lanesTop) {
        const id = this.id;
        const pattern = (name, size, width) =>
            s('pattern', {id: `${id}-${name}`, width: size, height: size,
                          patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)'},
                s('rect', {class: 'hatch-ground', width: size, height: size}),
                s('rect', {class: 'hatch-line', width: width, height: size}));
        return s('defs', null, pattern('hatch', 7, 2.4),
            s('clipPath', {id: `${id}-memory`},
                s('rect', {x: this.left, y: PLOT.top, width: this.plotWidth, height: this.memory})),
            s('clipPath', {id: `${id}-lanes`},
                s('rect', {x: this.left, y: lanesTop - 4, width: this.plotWidth,
                           height: PLOT.lanes * PLOT.lane + 10})));
    }

    grid(lanesTop) {
        const group = s('g', {class: 'grid'});
        const right = this.left + this.plotWidth;
        const bottom = PLOT.top + this.memory;
        group.append(s('rect', {class: 'ground', x: this.left, y: PLOT.top,
                                width: this.plotWidth, height: this.memory}));
        group.append(...this.timeTicks(bottom));
        group.append(s('line', {class: 'axis', x1: this.left, x2: right, y1: bottom, y2: bottom}),
            s('line', {class: 'axis', x1: this.left, x2: this.left, y1: PLOT.top, y2: bottom}),
            s('text', {class: 'tick', x: this.left - 10, y: bottom + 19, 'text-anchor': 'end'},
                'after first post'),
            s('line', {class: 'rule', x1: this.left, x2: right, y1: lanesTop + PLOT.lane,
                       y2: lanesTop + PLOT.lane}));
        return group;
    }

    timeTicks(bottom) {
        const marks = [];
        const labels = [];
        const from = this.scale.time(this.view.x0);
        const to = this.scale.time(this.view.x1);
        for (const stretch of this.scale.stretches(from, to)) {
            const width = this.x(stretch.to) - this.x(stretch.from);
            if (width < 36 || (stretch.cut && width < this.plotWidth * 0.8))
                continue;
            const step = timeStep(stretch.to - stretch.from, Math.max(1, width / 110));
            const first = Math.ceil(stretch.from / step);
            for (let i = first; i * step <= stretch.to && i < first + 60; i++)
                this.timeTick(i * step, step, bottom, marks, labels);
        }
        return marks;
    }

    timeTick(time, step, bottom, marks, labels) {
        const x = this.x(time);
        const text = timeLabel(time, step);
        const room = text.length * 3.2 + 8;
        if (labels.some((label) => Math.abs(label.x - x) < room + label.room))
            return;
        labels.push({x, room});
        marks.push(s('line', {x1: x, x2: x, y1: PLOT.top, y2: bottom + 5}),
            s('text', {class: 'tick', x, y: bottom + 19, 'text-anchor': 'middle'}, text));
    }

    /* Where time was cut short, and by how much. */
    cuts(lanesTop) {
        const bottom = PLOT.top + this.memory;
        const zigzag = (x, from, to) => `M${x} ${from}` +
            'l4 6l-4 6'.repeat(Math.ceil((to - from) / 12));
        return s('g', {class: 'cuts'}, this.scale.cuts.map((cut) => {
            const from = this.x(cut.from);
            const to = this.x(cut.to);
            const x = (from + to) / 2;
            const tooLong = to - from > this.plotWidth;
            if (tooLong || x < this.left + 12 || x > this.left + this.plotWidth - 12)
                return null;
            const path = (at) => zigzag(at, PLOT.top - 2, bottom) +
                zigzag(at, lanesTop - 3, lanesTop + PLOT.lanes * PLOT.lane);
            return [s('path', {class: 'cut', d: path(x - 2)}),
                s('path', {class: 'cut-edge', d: path(x - 6)}),
                s('path', {class: 'cut-edge', d: path(x + 2)}),
                s('text', {class: 'cut-word', x, y: bottom + 19, 'text-anchor': 'middle'},
                    duration(cut.to - cut.from))];
        }));
    }

    /* The time in which both were in flight, over the whole height. */
    bands(lanesTop) {
        const {overlap} = this.model;
        const x0 = Math.max(this.left, this.x(overlap.from));
        const x1 = Math.min(this.left + this.plotWidth,
                            overlap.to === Infinity ? this.left + this.plotWidth
                                                    : this.x(overlap.to));
        if (x1 < this.left || x0 > this.left + this.plotWidth)
            return null;
        return s('rect', {class: 'both', x: x0, y: PLOT.top, width: Math.max(x1 - x0, 1.5),
                          height: lanesTop + PLOT.lanes * PLOT.lane - PLOT.top});
    }

    around() {
        return s('g', {class: 'around'}, this.model.around.map((op, i) => {
            const b = this.box(op, 3);
            if (b.x > this.left + this.plotWidth || b.x + b.width < this.left)
                return null;
            return s('rect', {x: b.x, y: b.y, width: b.width, height: b.height, rx: 1.5,
                              class: 'op ' + op.direction + (b.open ? ' open' : ''),
                              'data-op': i + 2});
        }));
    }

    pairBoxes() {
        return this.model.pair.map((op, i) => {
            const b = this.box(op, 6);
            return s('rect', {x: b.x, y: b.y, width: b.width, height: b.height, rx: 2,
                              class: 'op box ' + op.role + (b.open ? ' open' : ''), 'data-op': i});
        });
    }

    overlapRect() {
        const {overlap} = this.model;
        const y0 = this.y(overlap.start + overlap.length);
        const y1 = this.y(overlap.start);
        const x0 = this.x(overlap.from);
        const x1 = overlap.to === Infinity ? this.left + this.plotWidth + 40 : this.x(overlap.to);
        const grow = Math.max(0, 6 - (y1 - y0)) / 2;
        return {x: x0, y: y0 - grow, width: Math.max(x1 - x0, 3), height: y1 - y0 + 2 * grow};
    }

    overlapBox() {
        const b = this.overlapRect();
        const {overlap} = this.model;
        const seen = Math.min(b.x + b.width, this.left + this.plotWidth) - Math.max(b.x, this.left);
        const words = bytes(overlap.length);
        const middle = Math.max(b.x, this.left) + seen / 2;
        return s('g', {class: 'overlap'},
            s('rect', {x: b.x, y: b.y, width: b.width, height: b.height,
                       fill: `url(#${this.id}-hatch)`, 'data-op': 'overlap'}),
            seen > words.length * 7 + 12 && b.height > 20
                ? s('text', {class: 'overlap-label', x: middle, y: this.labelY(b) + 4,
                             'text-anchor': 'middle'}, words) : null);
    }

    labelY(b) {
        const top = Math.max(b.y, PLOT.top);
        const bottom = Math.min(b.y + b.height, PLOT.top + this.memory);
        return (top + bottom) / 2;
    }

    /* Posts are heavy left edges with the operation's number, ends are right edges with a square. */
    pairMarks() {
        return this.model.pair.map((op) => {
            const b = this.box(op, 6);
            const end = b.x + b.width;
            const top = b.y - 3;
            const bottom = b.y + b.height + 3;
            return s('g', {class: 'marks ' + op.role},
                s('line', {class: 'post', x1: b.x, x2: b.x, y1: top, y2: bottom}),
                b.open ? null
                       : [s('line', {class: 'end', x1: end, x2: end, y1: top, y2: bottom}),
                          this.endMark(op, end, op.role === 'first' ? bottom - 3 : top + 3)]);
        });
    }

    endMark(op, x, y) {
        if (op.end === 'completed')
            return s('rect', {class: 'end-mark', x: x - 4, y: y - 4, width: 8, height: 8});
        if (op.end === 'failed')
            return s('path', {class: 'end-mark cross',
                              d: `M${x - 4} ${y - 4}l8 8m0 -8l-8 8`});
        return s('circle', {class: 'end-mark', cx: x, cy: y, r: 4});
    }

    /* Numbered flags above the drawing, where each was posted; the two keep apart. */
    flags() {
        const places = this.model.pair.map((op) => this.x(op.posted));
        if (Math.abs(places[1] - places[0]) < 20)
            places[1] = places[0] + 20;
        return s('g', {class: 'flags'}, this.model.pair.map((op, i) => {
            const x = this.x(op.posted);
            if (x < this.left - 2 || x > this.left + this.plotWidth + 2)
                return null;
            const at = Math.min(places[i], this.left + this.plotWidth - 8);
            const words = op.api + ' posted';
            const room = i === 0 ? places[1] - places[0] : this.left + this.plotWidth - at;
            return s('g', {class: 'flag ' + op.role},
                s('path', {d: `M${x} ${PLOT.top}L${at} 22`}),
                s('circle', {cx: at, cy: 13, r: 9, 'data-op': i}),
                s('text', {class: 'flag-number', x: at, y: 17, 'text-anchor': 'middle'}, i + 1),
                room > words.length * 7 + 26
                    ? s('text', {class: 'flag-word', x: at + 14, y: 17}, words) : null);
        }));
    }

    /* Where memory begins and ends, the overlap first, then what fits between. */
    addressLabels() {
        const {pair, overlap} = this.model;
        const wanted = [[overlap.start, 'shared'], [overlap.start + overlap.length, 'shared']];
        pair.forEach((op) => wanted.push([op.start, op.role], [op.start + op.length, op.role]));
        const taken = [];
        const group = s('g', {class: 'addresses'});
        const place = (offset, kind) => {
            const y = this.y(offset);
            if (y < PLOT.top - 1 || y > PLOT.top + this.memory + 1 ||
                taken.some((other) => Math.abs(other - y) < 15))
                return;
            taken.push(y);
            group.append(s('line', {class: 'edge', x1: this.left - 5, x2: this.left, y1: y, y2: y}),
                s('text', {class: 'address ' + kind, x: this.left - 9, y: y + 4,
                           'text-anchor': 'end'}, hex(this.model.base + BigInt(offset))));
        };
        wanted.forEach(([offset, kind]) => place(offset, kind));
        const step = addressStep(this.view.y1 - this.view.y0, 6);
        const low = Number(this.model.base % BigInt(step));
        for (let i = Math.ceil((this.view.y0 + low) / step); i * step - low <= this.view.y1; i++)
            place(i * step - low, 'between');
        return group;
    }

    lanes(lanesTop) {
        return s('g', {class: 'lanes'}, this.model.pair.map((op, i) => {
            const y = lanesTop + i * PLOT.lane + PLOT.lane / 2;
            const x0 = this.x(op.posted);
            const x1 = op.ended === null ? this.left + this.plotWidth + 40 : this.x(op.ended);
            const word = op.ended === null ? 'no end' : duration(op.ended - op.posted);
            return [s('text', {class: 'lane-name ' + op.role, x: this.left - 9, y: y + 4,
                               'text-anchor': 'end'}, (i + 1) + '  ' + op.api),
                s('g', {'clip-path': `url(#${this.id}-lanes)`, class: 'lane ' + op.role},
                    s('rect', {class: 'lane-bar' + (op.ended === null ? ' open' : ''), x: x0,
                               y: y - 5, width: Math.max(x1 - x0, 3), height: 10, rx: 2,
                               'data-op': i}),
                    s('circle', {class: 'lane-post', cx: x0, cy: y, r: 3.5}),
                    op.ended === null ? null : this.endMark(op, x1, y)),
                this.laneWord(x0, x1, y, word)];
        }));
    }

    laneWord(x0, x1, y, word) {
        const right = this.left + this.plotWidth;
        const size = word.length * 6 + 12;
        const from = Math.max(x0, this.left);
        const to = Math.min(x1, right);
        if (to < this.left || from > right)
            return null;
        if (right - to > size)
            return s('text', {class: 'lane-word', x: to + 9, y: y + 4}, word);
        if (from - this.left > size)
            return s('text', {class: 'lane-word', x: from - 9, y: y + 4, 'text-anchor': 'end'},
                     word);
        return s('text', {class: 'lane-word inside', x: (from + to) / 2, y: y + 4,
                          'text-anchor': 'middle'}, word);
    }

    /* Counts of operations outside of the view, so that nobody takes a part for the whole. */
    edges() {
        const x0 = this.scale.time(this.view.x0);
        const x1 = this.scale.time(this.view.x1);
        const before = this.model.around.filter((op) => op.ended !== null && op.ended < x0).length;
        const after = this.model.around.filter((op) => op.posted > x1).length;
        const y = PLOT.top + this.memory - 8;
        return s('g', {class: 'edges'},
            before ? s('text', {x: this.left + 8, y}, '\u2039 ' + before + ' earlier') : null,
            after ? s('text', {x: this.left + this.plotWidth - 8, y, 'text-anchor': 'end'},
                      after + ' later \u203a') : null);
    }

    scopeText() {
        const memory = Math.max(1, Math.round(this.view.y1 - this.view.y0));
        return duration(this.scale.time(this.view.x1) - this.scale.time(this.view.x0)) + ' \u00d7 ' + bytes(memory) + ' in view';
    }

    reset() {
        this.show(viewOfPair);
    }

    show(viewFor) {
        this.view = viewFor(this.model, this.scale);
        this.draw();
    }

    toggleLinear() {
        if (!this.linear)
            return;
        const linear = this.linear.getAttribute('aria-pressed') !== 'true';
        this.linear.setAttribute('aria-pressed', String(linear));
        this.scale = new TimeScale(this.model, linear);
        this.home = viewOfPair(this.model, this.scale);
        this.reset();
    }

    /* cx, cy: the point that stays, 0 to 1 across the view. */
    zoom(factor, cx = 0.5, cy = 0.5, axes = 'x') {
        const v = this.view;
        const scale = (from, to, at, limit) => {
            const size = Math.min(Math.max((to - from) / factor, limit / ZOOM_LIMIT), limit * 1e4);
            const fixed = from + (to - from) * at;
            return [fixed - size * at, fixed + size * (1 - at)];
        };
        if (axes.includes('x'))
            [v.x0, v.x1] = scale(v.x0, v.x1, cx, this.home.x1 - this.home.x0);
        if (axes.includes('y'))
            [v.y0, v.y1] = scale(v.y0, v.y1, cy, this.home.y1 - this.home.y0);
        this.draw();
    }

    pan(dx, dy) {
        const v = this.view;
        const width = v.x1 - v.x0;
        const height = v.y1 - v.y0;
        this.view = {x0: v.x0 + dx * width, x1: v.x1 + dx * width, y0: v.y0 + dy * height,
                     y1: v.y1 + dy * height};
        this.draw();
    }

    ops() {
        return this.model.pair.concat(this.model.around);
    }

    step(by) {
        const count = this.ops().length;
        this.active = (this.active + by + count) % count;
        const op = this.ops()[this.active];
        const {x0, x1} = this.view;
        const from = this.scale.drawn(op.posted);
        const end = op.ended === null ? Math.max(x1, from) : this.scale.drawn(op.ended);
        if (end < x0 || from > x1) {
            const middle = (from + end) / 2;
            this.view.x0 = middle - (x1 - x0) / 2;
            this.view.x1 = middle + (x1 - x0) / 2;
        }
        this.draw();
        this.live.textContent = visible(describeOp(op, this.model));
    }

    /* Shows the operation that step() chose. */
    mark() {
        if (this.active < 0)
            return;
        const op = this.ops()[this.active];
        const b = this.box(op, 6);
        const x = Math.max(b.x, this.left);
        const width = Math.min(b.x + b.width, this.left + this.plotWidth) - x;
        if (width > 0)
            this.svg.append(s('rect', {class: 'chosen', x: x - 3, y: b.y - 3, width: width + 6,
                                       height: b.height + 6, rx: 4}));
        this.tell(this.active, x + Math.min(width, 60), b.y + b.height / 2);
    }

    tell(which, x, y) {
        const content = which === 'overlap' ? this.tellOverlap() : this.tellOp(this.ops()[which]);
        this.tip.replaceChildren(...content);
        this.tip.hidden = false;
        const box = this.tip.parentNode.getBoundingClientRect();
        const size = this.tip.getBoundingClientRect();
        const left = Math.min(x + 14, box.width - size.width - 4);
        const top = y + 18 + size.height > box.height ? y - size.height - 12 : y + 18;
        this.tip.style.left = Math.max(4, left) + 'px';
        this.tip.style.top = Math.max(4, top) + 'px';
    }

    tellOverlap() {
        const {overlap, base} = this.model;
        return [h('b', null, 'Owned by both'),
            h('span', {class: 'mono'}, hex(base + BigInt(overlap.start)) + ' \u2013 ' +
                hex(base + BigInt(overlap.start + overlap.length))),
            h('span', null, bytes(overlap.length) + (overlap.to === Infinity
                ? ', neither end is in the trace' : ', for ' + duration(overlap.to - overlap.from)))];
    }

    tellOp(op) {
        const of = [this.finding.first, this.finding.second]
            .find((one) => one.endpoint === op.endpoint);
        const start = this.model.base + BigInt(op.start);
        return [h('b', {class: op.role}, (op.role === 'around' ? 'Operation ' + op.number
                : capital(op.role) + ' operation') + ' \u00b7 ' + op.api),
            h('span', {class: 'mono'}, hex(start) + ' \u2013 ' + hex(start + BigInt(op.length)) +
                ' \u00b7 ' + bytes(op.length)),
            h('span', null, 'posted ' + seconds(op.posted + this.model.origin) +
                (op.tid === null ? '' : ' by thread ' + op.tid)),
            h('span', null, (END_WORDS[op.end] || 'not ended') + (op.ended === null ? ''
                : ' after ' + duration(op.ended - op.posted))),
            h('span', {class: 'muted'}, of ? socketName(of) : 'socket ' + op.endpoint)];
    }

    at(event) {
        const box = this.svg.getBoundingClientRect();
        return {px: event.clientX - box.left, py: event.clientY - box.top,
                cx: (event.clientX - box.left - this.left) / this.plotWidth,
                cy: 1 - (event.clientY - box.top - PLOT.top) / this.memory};
    }

    listen() {
        this.svg.addEventListener('wheel', (event) => this.onWheel(event), {passive: false});
        this.svg.addEventListener('pointerdown', (event) => this.onDown(event));
        this.svg.addEventListener('pointermove', (event) => this.onMove(event));
        this.svg.addEventListener('pointerup', () => this.onUp());
        this.svg.addEventListener('pointercancel', () => this.onUp());
        this.svg.addEventListener('pointerleave', () => this.hideTip());
        this.svg.addEventListener('dblclick', () => this.reset());
        this.svg.addEventListener('keydown', (event) => this.onKey(event));
        this.svg.addEventListener('blur', () => {
            this.active = -1;
            this.hideTip();
            this.draw();
        });
    }

    hideTip() {
        if (this.active < 0)
            this.tip.hidden = true;
    }

    /* A page that is being scrolled goes on scrolling when the drawing comes under the pointer. */
    onWheel(event) {
        if (event.timeStamp - Plot.lastScroll < 250) {
            Plot.lastScroll = event.timeStamp;
            return;
        }
        event.preventDefault();
        event.stopPropagation();
        const {cx, cy} = this.at(event);
        const delta = event.deltaY || event.deltaX;
        const factor = Math.pow(2, -Math.max(-120, Math.min(120, delta)) / 240);
        const axes = event.ctrlKey ? 'xy' : event.shiftKey ? 'y' : 'x';
        this.zoom(factor, Math.min(1, Math.max(0, cx)), Math.min(1, Math.max(0, cy)), axes);
    }

    onDown(event) {
        if (event.button !== 0)
            return;
        this.drag = {x: event.clientX, y: event.clientY, view: {...this.view}};
        this.svg.setPointerCapture(event.pointerId);
        this.svg.classList.add('dragging');
    }

    onMove(event) {
        if (this.drag) {
            const {x, y, view} = this.drag;
            this.view = {...view};
            this.pan((x - event.clientX) / this.plotWidth, (event.clientY - y) / this.memory);
            this.tip.hidden = true;
            return;
        }
        const which = event.target.getAttribute && event.target.getAttribute('data-op');
        if (which === null) {
            this.hideTip();
            return;
        }
        const {px, py} = this.at(event);
        this.tell(which === 'overlap' ? which : Number(which), px, py);
    }

    onUp() {
        this.drag = null;
        this.svg.classList.remove('dragging');
    }

    /* Keys that work wherever the focus is; true if it was one. */
    key(key) {
        switch (key) {
        case '+': case '=': this.zoom(ZOOM_STEP); return true;
        case '-': this.zoom(1 / ZOOM_STEP); return true;
        case '0': this.reset(); return true;
        case 'o': this.show(viewOfOverlap); return true;
        case 'a': this.show(viewOfAll); return true;
        case 'l': this.toggleLinear(); return true;
        case '[': this.step(this.active < 0 ? 0 : -1); return true;
        case ']': this.step(1); return true;
        }
        return false;
    }

    onKey(event) {
        if (event.ctrlKey || event.metaKey)
            return;
        const arrows = {ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1],
                        ArrowDown: [0, -0.1]};
        const vertical = event.key === 'ArrowUp' || event.key === 'ArrowDown';
        if (event.altKey && vertical)
            this.zoom(event.key === 'ArrowUp' ? ZOOM_STEP : 1 / ZOOM_STEP, 0.5, 0.5, 'y');
        else if (event.altKey)
            return;
        else if (arrows[event.key])
            this.pan(...arrows[event.key]);
        else if (event.key === 'Escape' && this.active >= 0)
            this.stopStepping();
        else
            return;
        event.preventDefault();
        event.stopPropagation();
    }

    stopStepping() {
        this.active = -1;
        this.tip.hidden = true;
        this.draw();
    }
}

Plot.count = 0;
Plot.lastScroll = -1e9;
document.addEventListener('wheel', (event) => {
    if (!event.defaultPrevented)
        Plot.lastScroll = event.timeStamp;
}, {passive: true});
