/* SPDX-License-Identifier: Apache-2.0 */

/* The model of a drawing: operations in memory and time, the scale of time, and views of them. */

/* Offsets in memory are Numbers from a BigInt base, times Numbers from the first post: exact. */
function plotModel(finding) {
    const memory = finding.memory.map((m) => ({start: BigInt(m.start), length: m.length}));
    const base = memory[0].start < memory[1].start ? memory[0].start : memory[1].start;
    const origin = pointNs(finding.first.posted);
    const pair = [finding.first, finding.second].map((op, i) => ({
        role: i === 0 ? 'first' : 'second',
        number: op.op,
        direction: op.direction,
        api: op.api,
        endpoint: op.endpoint,
        tid: op.posted.tid,
        start: Number(memory[i].start - base),
        length: memory[i].length,
        posted: pointNs(op.posted) - origin,
        ended: op.ended ? pointNs(op.ended) - origin : null,
        end: op.end,
    }));
    const around = finding.around.map((row) => ({
        role: 'around',
        number: row[0],
        direction: row[1],
        api: row[2],
        start: Number(BigInt(row[3]) - base),
        length: row[4],
        posted: Math.round(row[5] * 1e9) - origin,
        ended: row[6] === null ? null : Math.round(row[6] * 1e9) - origin,
        end: row[7],
        endpoint: row[8],
        tid: row[9],
    }));
    const overlap = {
        start: Number(BigInt(finding.overlap.start) - base),
        length: finding.overlap.length,
        from: pair[1].posted,
    };
    const ends = pair.map((op) => (op.ended === null ? Infinity : op.ended));
    overlap.to = Math.max(overlap.from, Math.min(...ends));
    return {base, origin, pair, around, overlap};
}

/*
 * Time as it is drawn. A stretch in which nothing of the pair happens and which would leave no room
 * for the time that both own the memory is cut short, and the cut is drawn: a receive may wait for
 * minutes and share its memory for microseconds. `drawn` and `time` map between the two.
 */
const CUT_BEYOND = 4;   /* times as long as what both own */
const CUT_TO = 1.5;

class TimeScale {
    constructor(model, linear) {
        const {overlap, pair} = model;
        const both = overlap.to - overlap.from;
        const known = pair.flatMap((op) => [op.posted, op.ended]).filter((time) => time !== null);
        this.times = [...new Set(known)].sort((a, b) => a - b);
        this.places = [this.times[0]];
        this.cuts = [];
        for (let i = 1; i < this.times.length; i++) {
            const length = this.times[i] - this.times[i - 1];
            const cut = !linear && both > 0 && isFinite(both) && length > CUT_BEYOND * both;
            this.places.push(this.places[i - 1] + (cut ? CUT_TO * both : length));
            if (cut)
                this.cuts.push({from: this.times[i - 1], to: this.times[i]});
        }
    }

    static between(from, to, value) {
        const last = from.length - 1;
        if (value <= from[0])
            return to[0] + value - from[0];
        if (value >= from[last])
            return to[last] + value - from[last];
        const i = from.findIndex((bound) => value < bound);
        return to[i - 1] + (value - from[i - 1]) / (from[i] - from[i - 1]) * (to[i] - to[i - 1]);
    }

    drawn(time) {
        return TimeScale.between(this.times, this.places, time);
    }

    time(place) {
        return TimeScale.between(this.places, this.times, place);
    }

    /* The stretches between from and to, each of one scale. */
    stretches(from, to) {
        const inside = this.cuts.flatMap((cut) => [cut.from, cut.to])
            .filter((time) => time > from && time < to);
        const bounds = [from, ...new Set(inside), to];
        return bounds.slice(1).map((end, i) => ({from: bounds[i], to: end, cut:
            this.cuts.some((cut) => cut.from <= bounds[i] && cut.to >= end)}));
    }
}

/* A range widened by a share of itself on both sides, never empty. */
function widen(from, to, share) {
    const size = Math.max(to - from, 1e-9 * Math.max(Math.abs(from), Math.abs(to), 1));
    return [from - size * share, to + size * share];
}

function lastKnown(ops) {
    return Math.max(...ops.map((op) => Math.max(op.posted, op.ended === null ? 0 : op.ended)), 1);
}

function memoryOf(ops) {
    return widen(Math.min(...ops.map((op) => op.start)),
                 Math.max(...ops.map((op) => op.start + op.length)), 0.14);
}

/* Views are in drawn time. What has no end goes on a little beyond the last that is known. */
function viewOf(scale, from, to, open, share, memory) {
    const start = scale.drawn(from);
    const [x0, x1] = widen(start, start + (scale.drawn(to) - start) * (open ? 1.35 : 1), share);
    const [y0, y1] = memory;
    return {x0, x1, y0, y1};
}

function viewOfPair(model, scale) {
    return viewOf(scale, 0, lastKnown(model.pair), model.pair.some((op) => op.ended === null), 0.07,
                  memoryOf(model.pair));
}

function viewOfOverlap(model, scale) {
    const {overlap} = model;
    const open = overlap.to === Infinity;
    const to = Math.max(open ? lastKnown(model.pair) : overlap.to, overlap.from + 1);
    return viewOf(scale, overlap.from, to, open, 0.5,
                  widen(overlap.start, overlap.start + overlap.length, 0.5));
}

function viewOfAll(model, scale) {
    const ops = model.pair.concat(model.around);
    return viewOf(scale, Math.min(0, ...ops.map((op) => op.posted)), lastKnown(ops), false, 0.06,
                  memoryOf(ops));
}

/* 1, 2 or 5 times a power of ten for time; a power of two for addresses. */
function timeStep(span, count) {
    const rough = span / count;
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    return power * ([1, 2, 5].find((f) => f * power >= rough) || 10);
}

function addressStep(span, count) {
    return Math.max(1, Math.pow(2, Math.ceil(Math.log2(span / count))));
}

function timeLabel(ns, step) {
    if (ns === 0)
        return '0';
    const [unit, name] = DURATION_UNITS.find(([length]) => Math.abs(ns) >= length) ||
                         DURATION_UNITS[3];
    const decimals = Math.min(9, Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9)));
    const text = Math.abs(ns / unit).toFixed(decimals);
    return (ns < 0 ? '\u2212' : '+') + text + THIN + name;
}

const END_WORDS = {
    completed: 'completed',
    failed: 'failed',
    closed: 'ended by the close of its socket',
    superseded: 'ended when its request or memory was posted again',
    returned: 'ended when its call returned',
    implied: 'ended before its accepted socket was used',
    pending: 'still pending when the trace ended',
};

function describeOp(op, model) {
    const rank = op.role === 'first' ? 'First operation: ' : op.role === 'second'
        ? 'Second operation: ' : 'Operation ' + op.number + ': ';
    const life = op.ended === null ? '' : ', in flight ' + duration(op.ended - op.posted);
    return rank + op.api + ', ' + hex(model.base + BigInt(op.start)) + ', ' + bytes(op.length) +
        ', posted ' + duration(op.posted) + ' after the first, ' + (END_WORDS[op.end] || '') + life;
}
