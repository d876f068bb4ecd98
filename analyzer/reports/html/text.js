/* SPDX-License-Identifier: Apache-2.0 */

/* Text and numbers for a person. Whatever comes from the trace reaches the page by textContent. */

const THIN = '\u202f';

/* Characters that could change how a line reads: controls, and those of bidirectional text. */
const CONTROLS =
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function visible(text) {
    return String(text).replace(CONTROLS, (c) => {
        const code = c.charCodeAt(0);
        return code < 256 ? '\\x' + code.toString(16).padStart(2, '0')
                          : '\\u{' + code.toString(16) + '}';
    });
}

/* h('p', {class: 'a', onclick: f}, 'text', node, null, [more]) */
function fillElement(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
        if (value === null || value === undefined || value === false)
            continue;
        if (name.startsWith('on'))
            element.addEventListener(name.slice(2), value);
        else
            element.setAttribute(name, value === true ? '' : value);
    }
    for (const child of children.flat(3)) {
        if (child !== null && child !== undefined && child !== false)
            element.append(child instanceof Node ? child : document.createTextNode(visible(child)));
    }
    return element;
}

function h(tag, attributes, ...children) {
    return fillElement(document.createElement(tag), attributes, children);
}

function s(tag, attributes, ...children) {
    return fillElement(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes,
                       children);
}

function grouped(number) {
    const digits = String(number);
    return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, THIN);
}

function plural(number, noun) {
    return grouped(number) + ' ' + noun + (number === 1 ? '' : 's');
}

/* "on 62 of 5000 traces", null for a finding whose cause is that of one trace. */
function tracesWords(report, finding) {
    return finding.across === null || finding.across[0] < 2 ? null
        : 'on ' + grouped(finding.across[0]) + ' of ' + plural(report.inputs.length, 'trace');
}

const DURATION_UNITS = [[1e9, 's'], [1e6, 'ms'], [1e3, 'us'], [1, 'ns']];

/* "310.8 us", "1.2 s": rounded down, as every other report has it
   (base/format_text.c); the tests compare both. */
function duration(ns) {
    if (ns === null || ns === undefined || isNaN(ns))
        return 'unknown';
    const sign = ns < 0 ? '\u2212' : '';
    const size = Math.floor(Math.abs(ns));
    const [unit, name] = DURATION_UNITS.find(([length]) => size >= length) || DURATION_UNITS[3];
    const whole = Math.floor(size / unit);
    const tenths = unit === 1 || whole >= 1000 ? ''
        : '.' + Math.floor((size - whole * unit) / (unit / 10));
    return sign + grouped(whole) + tenths + THIN + name;
}

/* Seconds after the first event: "12.004 117 3 s". */
function seconds(ns) {
    if (ns === null)
        return 'unknown time';
    const whole = Math.floor(ns / 1e9);
    let rest = String(Math.round(ns - whole * 1e9)).padStart(9, '0').replace(/(000){1,2}$/, '');
    rest = rest.replace(/(\d{3})(?=\d)/g, '$1' + THIN);
    return grouped(whole) + '.' + rest + THIN + 's';
}

function bytes(count) {
    return grouped(count) + (count === 1 ? ' byte' : ' bytes');
}

function hex(value) {
    return '0x' + value.toString(16);
}

function percent(part, whole) {
    if (!whole)
        return '';
    const value = 100 * part / whole;
    return (value >= 99.95 || value === 0 ? value.toFixed(0) : value >= 1 ? value.toFixed(0)
            : '<1') + THIN + '%';
}

function capital(text) {
    return text.charAt(0).toUpperCase() + text.slice(1);
}

/* ns after the first event; `at` is in seconds, null where the clock went back. */
function pointNs(point) {
    return point.at === null ? null : Math.round(point.at * 1e9);
}

/* All times of a finding's two operations are known and can be drawn. */
function hasTimes(finding) {
    return [finding.first, finding.second].every((op) => op.posted.at !== null &&
        (!op.ended || (op.ended.at !== null && op.duration_ns !== null)));
}

/* Time from the second post to the first end of the two; null if neither ends in the trace. */
function sharedNs(finding) {
    const ends = [finding.first, finding.second].filter((op) => op.ended)
        .map((op) => pointNs(op.ended));
    if (!ends.length || !hasTimes(finding))
        return null;
    return Math.max(0, Math.min(...ends) - pointNs(finding.second.posted));
}

function processName(op) {
    if (op.image)
        return op.image + (op.pid === null ? '' : ' (' + op.pid + ')');
    return op.pid === null ? 'process object ' + op.process : 'process ' + op.pid;
}

function socketName(op) {
    const kind = op.protocol ? op.protocol + ' ' : '';
    if (op.local && op.remote)
        return kind + op.local + ' \u2192 ' + op.remote;
    if (op.local)
        return kind + op.local;
    return op.remote ? kind + 'to ' + op.remote : kind + 'socket ' + op.endpoint;
}

/* A frame's name, null where the post has no frame of the program's own. */
function callSite(op) {
    return op.call_site ? frameName(op.call_site) : null;
}

/* Both call sites in a few characters: the program's own image needs no name. */
function callSites(finding) {
    const [a, b] = [finding.first, finding.second].map((op) => {
        const site = callSite(op);
        if (site && op.image && site.startsWith(op.image + '!'))
            return site.slice(op.image.length + 1);
        return site && op.image && site.startsWith(op.image + '+')
            ? site.slice(op.image.length) : site;
    });
    return a || b ? (a || '?') + ' \u2192 ' + (b || '?') : null;
}

function sourceLine(frame) {
    const parts = frame.file ? [frame.file.split(/[\\/]/).pop() + (frame.line ? ':' + frame.line
        : '')] : [];
    if (frame.inlined)
        parts.push('inlined');
    return parts.length ? ' (' + parts.join(', ') + ')' : '';
}

/* "app.exe!send_all (conn.c:42)" where symbols tell it, else "app.exe+0x1c3a2". */
function frameName(frame) {
    if (!frame.module)
        return frame.address;
    if (frame.function)
        return frame.module + '!' + frame.function + sourceLine(frame);
    return frame.offset === null ? frame.module + ' ' + frame.address
        : frame.module + '+' + frame.offset + sourceLine(frame);
}
